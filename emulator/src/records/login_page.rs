//! How the write-only pair `consentFlowId` and `consentFlowHostingURL` becomes `loginPageURL`.
//!
//! Documented: the pair is accepted on creation and never comes back; `loginPageURL` does. Observed: a public user of
//! the service reads the flow from the `flow` query parameter of `loginPageURL`. The folding itself, and the page
//! used when only a flow is named, are assumed; `--variant consent-flow`, `login-page` and `login-flow` change them.

use form_urlencoded::byte_serialize;
use serde_json::{Map, Value};

use crate::body::optional_text;
use crate::problem::{Kind, Problem};
use crate::public_url::PublicUrl;
use crate::variants::{ConsentFlow, LoginFlow, LoginPage, Variants};

/// The consent flow for inbound apps, and how its relatives begin (observed).
const INBOUND_APPS_FLOW: &str = "inbound-apps-user-consent";
const INBOUND_APPS: &str = "inbound-apps-";

/// Takes the pair out of the record. A `loginPageURL` that was sent wins over it; otherwise the hosting URL, or the
/// project's own login page if there is none, gets the flow as its `flow` parameter.
///
/// # Errors
/// `FlowType` under the variant that minds the type of the flow.
pub(crate) fn fold(
    record: &mut Map<String, Value>,
    public_url: &PublicUrl,
    project_id: &str,
    variants: &Variants,
) -> Result<(), Problem> {
    if variants.consent_flow() == ConsentFlow::Dropped {
        record.remove("consentFlowId");
        record.remove("consentFlowHostingURL");
    }
    let page_of_project = format!("{public_url}/login/{project_id}");
    fold_pair(record, &page_of_project);
    if variants.login_page() == LoginPage::Project && shown(record).is_none() {
        let page = with_flow(&page_of_project, INBOUND_APPS_FLOW);
        record.insert(String::from("loginPageURL"), Value::String(page));
    }
    match shown(record).and_then(flow_of) {
        Some(flow) if variants.login_flow() == LoginFlow::Checked && !flow.starts_with(INBOUND_APPS) => {
            Err(Problem::new(
                Kind::FlowType,
                "loginPageURL names a flow that is no consent flow for inbound apps",
            ))
        }
        _ => Ok(()),
    }
}

fn shown(record: &Map<String, Value>) -> Option<&str> {
    record.get("loginPageURL").and_then(Value::as_str).filter(|url| !url.is_empty())
}

fn flow_of(page: &str) -> Option<String> {
    let (_, query) = page.split_once('#').map_or(page, |(page, _)| page).split_once('?')?;
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find(|(name, _)| name == "flow").map(|(_, flow)| flow.into_owned())
}

fn fold_pair(record: &mut Map<String, Value>, page_of_project: &str) {
    let flow = optional_text(record, "consentFlowId");
    let hosting = optional_text(record, "consentFlowHostingURL");
    if shown(record).is_some() {
        return;
    }
    let page = match (hosting, flow) {
        (None, None) => return,
        (Some(page), None) => page,
        (page, Some(flow)) => with_flow(page.as_deref().unwrap_or(page_of_project), &flow),
    };
    record.insert(String::from("loginPageURL"), Value::String(page));
}

/// The rest of the URL stays byte for byte as it was sent, so a parser and printer of URLs would be the wrong tool.
fn with_flow(page: &str, flow: &str) -> String {
    let (page, fragment) = page.split_once('#').map_or((page, None), |(page, rest)| (page, Some(rest)));
    let (path, query) = page.split_once('?').unwrap_or((page, ""));
    let is_other = |pair: &&str| !pair.is_empty() && pair.split('=').next() != Some("flow");
    let mut pairs: Vec<_> = query.split('&').filter(is_other).map(str::to_owned).collect();
    pairs.push(format!("flow={}", byte_serialize(flow.as_bytes()).collect::<String>()));
    let fragment = fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default();
    format!("{path}?{}{fragment}", pairs.join("&"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn folded(record: Value) -> Value {
        let mut record = record.as_object().unwrap().clone();
        fold(&mut record, &"http://127.0.0.1:1".parse().unwrap(), "P1", &Variants::default()).unwrap();
        Value::Object(record)
    }

    #[test]
    fn the_pair_becomes_one_url_and_disappears() {
        let sent =
            json!({"consentFlowId": "a b", "consentFlowHostingURL": "https://a.example/x?y=1&flow=old#z"});
        assert_eq!(folded(sent), json!({"loginPageURL": "https://a.example/x?y=1&flow=a+b#z"}));
        assert_eq!(
            folded(json!({"consentFlowHostingURL": "https://a.example"})),
            json!({"loginPageURL": "https://a.example"})
        );
        assert_eq!(
            folded(json!({"consentFlowId": "f"})),
            json!({"loginPageURL": "http://127.0.0.1:1/login/P1?flow=f"})
        );
    }

    #[test]
    fn a_login_page_that_was_sent_stays_as_it_is() {
        let sent = json!({"consentFlowId": "f", "loginPageURL": "https://a.example/?flow=g"});
        assert_eq!(folded(sent), json!({"loginPageURL": "https://a.example/?flow=g"}));
        assert_eq!(folded(json!({"consentFlowId": "", "consentFlowHostingURL": null})), json!({}));
    }
}
