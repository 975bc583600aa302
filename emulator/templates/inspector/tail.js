// New exchanges appear without reloading; without this script the page is as complete, only older.
const tail = document.getElementById("tail");
const live = document.getElementById("live");
const longest = Math.max(tail.rows.length, 200);

async function follow() {
  try {
    const answer = await fetch(`/_emulator/tail?after=${tail.dataset.last}`);
    if (!answer.ok) throw new Error(answer.status);
    tail.insertAdjacentHTML("afterbegin", await answer.text());
    if (tail.rows.length) tail.dataset.last = tail.rows[0].dataset.number;
    while (tail.rows.length > longest) tail.deleteRow(-1);
    live.textContent = "Follows as it happens.";
  } catch {
    live.textContent = "The emulator does not answer; still trying.";
  }
  setTimeout(follow, document.hidden ? 5000 : 1000);
}
follow();
