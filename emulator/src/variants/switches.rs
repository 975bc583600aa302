//! The table of switches. The first value of each is the default. Numbers of questions are those of the project's list
//! of facts about the API.

use super::{Switch, Values};

/// Makes of the table a type for each switch, the struct that holds them all, and the list.
///
/// A macro, because the alternative is to say each of two hundred words four times.
macro_rules! switches {
    (
        words {
            $($field:ident $type:ident $name:literal {
                question: $question:literal,
                basis: $basis:literal,
                $first:ident = $first_word:literal: $first_meaning:literal,
                $($value:ident = $word:literal: $meaning:literal,)+
            })+
        }
        numbers {
            $($number:ident $number_name:literal {
                question: $number_question:literal,
                basis: $number_basis:literal,
                range: $least:literal to $most:literal, default: $default:literal, unit: $unit:literal,
            })+
        }
    ) => {
        $(
            #[doc = $question]
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
            pub(crate) enum $type {
                #[doc = $first_meaning]
                #[default]
                $first,
                $(#[doc = $meaning] $value,)+
            }

            impl $type {
                const fn word(self) -> &'static str {
                    match self {
                        Self::$first => $first_word,
                        $(Self::$value => $word,)+
                    }
                }

                fn parse(word: &str) -> Option<Self> {
                    match word {
                        $first_word => Some(Self::$first),
                        $($word => Some(Self::$value),)+
                        _ => None,
                    }
                }
            }
        )+

        /// The values in force, one for each switch.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Variants {
            $($field: $type,)+
            $($number: u32,)+
        }

        impl Default for Variants {
            fn default() -> Self {
                Self { $($field: $type::default(),)+ $($number: $default,)+ }
            }
        }

        pub(super) const SWITCHES: &[Switch] = &[
            $(Switch {
                name: $name,
                question: $question,
                basis: $basis,
                values: Values::Words(&[($first_word, $first_meaning), $(($word, $meaning),)+]),
            },)+
            $(Switch {
                name: $number_name,
                question: $number_question,
                basis: $number_basis,
                values: Values::Number { least: $least, most: $most, default: $default, unit: $unit },
            },)+
        ];

        impl Variants {
            $(
                #[doc = $question]
                pub(crate) const fn $field(&self) -> $type {
                    self.$field
                }
            )+
            $(
                #[doc = $number_question]
                pub(crate) const fn $number(&self) -> u32 {
                    self.$number
                }
            )+

            /// Whether the switch has that value.
            pub(super) fn assign(&mut self, switch: &Switch, value: &str) -> bool {
                match switch.name {
                    $($name => $type::parse(value).map(|value| self.$field = value).is_some(),)+
                    $($number_name => switch.values.number(value).map(|value| self.$number = value).is_some(),)+
                    _ => false,
                }
            }

            pub(super) fn value(&self, switch: &Switch) -> String {
                match switch.name {
                    $($name => self.$field.word().to_owned(),)+
                    $($number_name => format!("{}{}", self.$number, $unit),)+
                    _ => String::new(),
                }
            }
        }
    };
}

switches! {
    words {
        flat_scopes FlatScopes "flat-scopes" {
            question: "1: what becomes of approvedScopes sent as a flat list, as the guide shows it?",
            basis: "assumed: the guide shows the list, the reference the categorized object",
            Accept = "accept": "it is sorted into the categories",
            Reject = "reject": "it is refused as an argument of the wrong type",
            Ignore = "ignore": "it is dropped in silence",
        }
        not_found_status NotFoundStatus "not-found-status" {
            question: "2: which HTTP status has an unknown server or client?",
            basis: "assumed: no public code or status is known",
            NotFound = "404": "404 Not Found",
            BadRequest = "400": "400 Bad Request",
        }
        not_found_code NotFoundCode "not-found-code" {
            question: "2: which errorCode has an unknown server or client?",
            basis: "assumed: no public code is known",
            Own = "own": "a code of its own for each, E114101 and E114102",
            Common = "common": "E011004, invalid arguments",
        }
        foreign_client ForeignClient "foreign-client" {
            question: "2: how is a client answered that belongs to another server of the project?",
            basis: "assumed: it must not tell more than that there is no such client",
            Hidden = "hidden": "like one that does not exist",
            Forbidden = "forbidden": "403 with E063316, the code known from the token endpoint",
        }
        unauthorized_status UnauthorizedStatus "unauthorized-status" {
            question: "2: which HTTP status has a missing or wrong management key?",
            basis: "assumed, after the meaning of HTTP's codes",
            Unauthorized = "401": "401 Unauthorized, with a challenge",
            Forbidden = "403": "403 Forbidden",
        }
        unauthorized_code UnauthorizedCode "unauthorized-code" {
            question: "2: which errorCode has a missing or wrong management key?",
            basis: "assumed: E111119 stands in a test of an official SDK",
            Management = "E111119": "one of the management family",
            Common = "E011001": "malformed request, of the common family",
            Infrastructure = "E130401": "one of the infrastructure family, like the E130429 of rate limits",
        }
        validation_code ValidationCode "validation-code" {
            question: "2: which errorCodes have missing, invalid and refused members?",
            basis: "assumed: both families are known from SDKs, not where each is used",
            Common = "common": "E011002, E011003 and E011004",
            Management = "management": "E113007 for all",
        }
        duplicate_names DuplicateNames "duplicate-names" {
            question: "2: may two servers of a project, or two clients of a server, have the same name?",
            basis: "assumed: names of inbound apps are unique, nothing is said of these",
            Accept = "accept": "they may",
            Reject = "reject": "the second is refused with E113011",
        }
        unknown_members UnknownMembers "unknown-members" {
            question: "2: what becomes of members that the reference does not know?",
            basis: "assumed: keeping them is what shows whether a client loses them",
            Keep = "keep": "they are stored and answered verbatim",
            Drop = "drop": "they are dropped in silence",
            Reject = "reject": "the request is refused",
        }
        single_delete_unknown SingleDeleteUnknown "single-delete-unknown" {
            question: "3: does the deletion of one server or client fail if there is none with this id?",
            basis: "assumed: only the batch deletion is seen to be lenient",
            NotFound = "404": "it fails as not found",
            Ok = "ok": "it succeeds, as the batch deletion does",
        }
        server_delete_clients ServerDeleteClients "server-delete-clients" {
            question: "3: does the deletion of a server delete its clients?",
            basis: "assumed",
            Cascade = "cascade": "it does",
            Keep = "keep": "their records stay and can be loaded, searched and deleted; they get no tokens",
        }
        registration_type RegistrationType "registration-type" {
            question: "4: which values does registrationType have?",
            basis: "assumed: no document lists them",
            Manual = "manual": "manual, dcr, cimd",
            Preregistered = "preregistered": "preregistered, dynamic, metadata",
            Capitals = "MANUAL": "MANUAL, DCR, CIMD",
        }
        status Status "status" {
            question: "4: which status has a new client?",
            basis: "documented in an example of the guide; a public user of the service sees verified",
            Active = "active": "active",
            Verified = "verified": "verified",
        }
        over_limit OverLimit "over-limit" {
            question: "5: what becomes of a search limit over the largest?",
            basis: "assumed",
            Reject = "reject": "the search is refused",
            Clamp = "clamp": "the largest is used",
        }
        search_text SearchText "search-text" {
            question: "5: what does the text filter of a search look at?",
            basis: "assumed, after the search for users",
            Everything = "everything": "name, id, client id and tags",
            Name = "name": "the name",
        }
        name_match NameMatch "name-match" {
            question: "5: what does the name filter of a search match?",
            basis: "weakly observed: a public user of the service checks the results for equality",
            Substring = "substring": "a part of the name, in any case",
            Exact = "exact": "the whole name, case and all",
        }
        tag_match TagMatch "tag-match" {
            question: "5: what does the tag filter of a search match?",
            basis: "assumed",
            Exact = "exact": "a whole tag",
            Substring = "substring": "a part of a tag",
        }
        unknown_sort UnknownSort "unknown-sort" {
            question: "5: what becomes of a sort field that no column has?",
            basis: "assumed: which columns exist is not documented",
            Reject = "reject": "the search is refused",
            Ignore = "ignore": "the field is ignored",
        }
        total Total "total" {
            question: "5: what does total count?",
            basis: "assumed",
            All = "all": "what matches, on all pages",
            Page = "page": "what this page holds",
        }
        consent_flow ConsentFlow "consent-flow" {
            question: "6: what becomes of consentFlowId and consentFlowHostingURL?",
            basis: "observed that loginPageURL has a flow parameter; the folding is assumed",
            Folded = "folded": "they become loginPageURL",
            Dropped = "dropped": "they are kept where no answer shows them",
        }
        login_page LoginPage "login-page" {
            question: "6: what is loginPageURL if nothing was sent for it?",
            basis: "assumed",
            Empty = "empty": "as if it were never sent",
            Project = "project": "a login page of the project with the consent flow for inbound apps",
        }
        login_flow LoginFlow "login-flow" {
            question: "6: when is a flow of the wrong type refused with E102005?",
            basis: "observed that it is refused, not when",
            Unchecked = "unchecked": "never by the management API",
            Checked = "checked": "on creation and update, unless the flow's id starts with inbound-apps-",
        }
        absent Absent "absent" {
            question: "7: how are members answered that were never sent?",
            basis: "observed on records of sibling APIs",
            Zero = "zero": "with the zero value of their type",
            Omit = "omit": "not at all",
            Null = "null": "as null",
        }
        registration_default RegistrationDefault "registration-default" {
            question: "7: is dynamic registration on for a server that says nothing of it?",
            basis: "documented for servers made in the console",
            On = "on": "it is on",
            Off = "off": "it is off",
        }
        session_defaults SessionDefaults "session-defaults" {
            question: "7: which sessionSettings has a server that says nothing of them?",
            basis: "assumed",
            Zero = "zero": "those of members that were never sent",
            Filled = "filled": "the defaults of inbound apps: 520 weeks and twice 10 minutes, not enabled",
        }
        client_update ClientUpdate "client-update" {
            question: "8: are members kept or cleared that an update of a client leaves out?",
            basis: "assumed, after the documented update of servers",
            Replace = "replace": "they are cleared, except the name",
            Patch = "patch": "they are kept",
        }
        client_scopes ClientScopes "client-scopes" {
            question: "9: must a client's scopes be among those that its server approves?",
            basis: "observed: they come back as sent",
            Unchecked = "unchecked": "they need not",
            Checked = "checked": "others are refused with E113007",
        }
        client_callbacks ClientCallbacks "client-callbacks" {
            question: "9: must a client's callback URLs be among those that its server approves?",
            basis: "assumed",
            Unchecked = "unchecked": "they need not",
            Checked = "checked": "others are refused with E113007, if the server approves any",
        }
        rotation Rotation "rotation" {
            question: "10: does the old secret die when a new one is made?",
            basis: "assumed, after access keys, where it does",
            Immediate = "immediate": "at once",
            Grace = "grace": "60 seconds later, or when the emulator stops",
        }
        rotation_tokens RotationTokens "rotation-tokens" {
            question: "10: do refresh tokens survive the rotation of the client's secret?",
            basis: "assumed",
            Kept = "kept": "they do",
            Revoked = "revoked": "they are revoked",
        }
        secret_read SecretRead "secret-read" {
            question: "10: how often can the secret be read?",
            basis: "observed that it can be read again; the guide says once",
            Always = "always": "any number of times",
            Once = "once": "only from the answer that made it; reading it is refused with E113007",
        }
        m2m_scope M2mScope "m2m-scope" {
            question: "11: is there a scope claim in tokens that a client gets for itself?",
            basis: "observed that there is none",
            Absent = "absent": "there is none",
            Present = "present": "there is one",
        }
        m2m_audience M2mAudience "m2m-aud" {
            question: "11: what is the audience of tokens that a client gets for itself?",
            basis: "observed that a resource changes nothing",
            Ids = "ids": "client id and project id, whatever resource was asked for",
            Resource = "resource": "the resource asked for, or the ids if there is none",
            Both = "ids-and-resource": "the ids and the resource asked for",
        }
        token_issuer TokenIssuer "token-issuer" {
            question: "11: who is the issuer of a token?",
            basis: "observed live by one user, contradicted by others",
            Server = "server": "the MCP server's authorization server",
            Project = "project": "the project",
        }
        token_errors TokenErrors "token-errors" {
            question: "12: which form have errors of the authorization server?",
            basis: "the envelope is observed; the standard form is what OAuth clients understand",
            OAuth = "oauth": "that of RFC 6749",
            Descope = "descope": "the envelope of the management API",
        }
        dcr_status DcrStatus "dcr-status" {
            question: "12: which HTTP status has a registration?",
            basis: "RFC 7591; Descope documents 200",
            Created = "201": "201 Created",
            Ok = "200": "200 OK",
        }
        dcr_public_secret DcrPublicSecret "dcr-public-secret" {
            question: "12: does a registration without client authentication get a secret?",
            basis: "RFC 7591",
            Absent = "absent": "it gets none",
            Present = "present": "it gets one all the same",
        }
        secret_expiry SecretExpiry "secret-expiry" {
            question: "12: what is client_secret_expires_at of a registration with a secret?",
            basis: "RFC 7591, which requires it",
            Zero = "zero": "0, for never",
            Absent = "absent": "not there",
        }
        dcr_client_credentials DcrClientCredentials "dcr-client-credentials" {
            question: "12: can a client that registers itself get tokens for itself, by client_credentials?",
            basis: "assumed: anyone may register, and no user or administrator decides on such a token",
            LeaveOut = "leave-out": "no: the grant is left out of what it registers, and a registration for nothing else is refused",
            Allow = "allow": "it can, with its own scopes",
        }
        self_registered_errors SelfRegisteredErrors "self-registered-errors" {
            question: "12: where do errors of an authorization request go, before a user acted, if the client registered itself?",
            basis: "RFC 9700 section 4.11.2; RFC 6749 alone redirects for every client",
            Page = "page": "to a page with status 400",
            Redirect = "redirect": "to the redirect URI, as for other clients",
        }
        self_registered_consent SelfRegisteredConsent "self-registered-consent" {
            question: "12: does skipConsentScreen hold for clients that registered themselves?",
            basis: "documented without an exception",
            Skip = "skip": "it does: nobody is asked",
            Ask = "ask": "it does not: the user is asked",
        }
        client_id_form ClientIdForm "client-id-form" {
            question: "12: do new client ids end in # before they are encoded?",
            basis: "observed both ways; the newer ones do",
            Padded = "padded": "base64 of <project id>:<record id>, padded",
            Hash = "hash": "base64 of <project id>:<record id>#, which needs no padding",
        }
        server_ids ServerIds "server-ids" {
            question: "13: can MS servers still be created?",
            basis: "documented that they can; new ones made in the console are resources",
            Server = "MS": "new servers get an MS id",
            Resource = "RS": "new servers get the id of a resource",
        }
        rs_servers RsServers "rs-servers" {
            question: "13: do the operations on servers take ids of resources?",
            basis: "assumed; that the operations on clients do is observed",
            Accept = "accept": "they do",
            Reject = "reject": "to them there are no such servers",
        }
        retry_after RetryAfter "retry-after" {
            question: "14: does the 429 of the rate limit always carry Retry-After?",
            basis: "observed in SDKs, which read whole seconds",
            Seconds = "seconds": "in whole seconds",
            Date = "date": "as a date",
            Absent = "absent": "it has none",
        }
        rate_limit_bucket RateLimitBucket "rate-limit-bucket" {
            question: "14: what is counted together by the rate limit?",
            basis: "documented for the API in general; for user management it is the project",
            Address = "ip": "requests from one address",
            Project = "project": "requests for one project",
        }
    }
    numbers {
        default_limit "default-limit" {
            question: "5: how many clients has a page of a search without limit?",
            basis: "documented for the search for users",
            range: 1 to 1000, default: 100, unit: "",
        }
        largest_limit "largest-limit" {
            question: "5: how many clients may a page of a search have?",
            basis: "documented for the search in the audit log",
            range: 1 to 10000, default: 1000, unit: "",
        }
        search_lag_ms "search-lag" {
            question: "5: how long does a write take to show in searches and lists?",
            basis: "observed that it can take seconds; at once is what tests can rely on",
            range: 0 to 5000, default: 0, unit: "ms",
        }
    }
}
