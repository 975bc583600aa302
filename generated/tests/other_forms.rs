//! What a service writes in another way than the document says, and what still means the same, can be read.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::{Value, json};

use descope_mcp_management::McpServer;
use descope_mcp_management::raw::types::{LoadAllMcpServersResponse, SessionSettings};

fn lifetime(value: Value) -> Result<Option<i32>, String> {
    let read = serde_json::from_value::<SessionSettings>(json!({"refreshTokenExpiration": value}));
    read.map(|settings| settings.refresh_token_expiration).map_err(|error| error.to_string())
}

#[test]
fn an_integer_reads_in_every_form_that_means_the_same() {
    for value in [json!(7), json!("7"), json!(7.0)] {
        assert_eq!(lifetime(value.clone()), Ok(Some(7)), "{value}");
    }
    assert_eq!(lifetime(Value::Null), Ok(None));
    assert_eq!(serde_json::from_str::<SessionSettings>("{}").unwrap().refresh_token_expiration, None);
    for value in [json!(7.5), json!("7 days"), json!(true), json!([7]), json!(1e300), json!(1_u64 << 31)] {
        assert!(lifetime(value.clone()).unwrap_err().contains("expected an integer"), "{value}");
    }
}

#[test]
fn a_total_that_is_too_large_is_the_largest() {
    for (total, read) in [(json!("3"), 3), (json!(1_u64 << 40), i32::MAX), (json!("-99999999999"), i32::MIN)]
    {
        let answer = serde_json::from_value::<LoadAllMcpServersResponse>(json!({"total": total})).unwrap();
        assert_eq!(answer.total, Some(read));
    }
}

#[test]
fn a_total_that_is_no_number_is_none() {
    for total in
        [json!("many"), json!(1.5), json!(true), json!([1, [2]]), json!({"a": {"b": 1}}), Value::Null]
    {
        let answer = json!({"total": total, "servers": [{"id": "MS1"}]});
        let answer = serde_json::from_value::<LoadAllMcpServersResponse>(answer).unwrap();
        assert_eq!((answer.total, answer.servers.map(|servers| servers.len())), (None, Some(1)), "{total}");
    }
}

#[test]
fn nulls_among_the_items_of_a_list_are_left_out() {
    let answer =
        json!({"servers": [null, {"id": "MS1", "tags": [null, "a", null]}, {"id": "MS2", "tags": null}]});
    let answer = serde_json::from_value::<LoadAllMcpServersResponse>(answer).unwrap();
    let expected = [McpServer::default().id("MS1").tags(["a"]), McpServer::default().id("MS2")];
    assert_eq!(answer.servers.unwrap(), expected);
}
