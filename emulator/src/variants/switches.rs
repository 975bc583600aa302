//! The table of switches. The first value of each switch is the default. `question_id` names a row under "Open questions"
//! in `docs/facts.md`; several switches may answer parts of one question.

use super::{Switch, Values};

/// Turns the table into a type for each switch, the struct of all switches, and the list.
///
/// A macro, because otherwise every name in the table would be written four times.
macro_rules! switches {
    (
        words {
            $($field:ident $type:ident $name:literal {
                question_id: $question_id:literal,
                question: $question:literal,
                basis: $basis:literal,
                $first:ident = $first_word:literal: $first_meaning:literal,
                $($value:ident = $word:literal: $meaning:literal,)+
            })+
        }
        numbers {
            $($number:ident $number_name:literal {
                question_id: $number_question_id:literal,
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
                question_id: $question_id,
                question: $question,
                basis: $basis,
                values: Values::Words(&[($first_word, $first_meaning), $(($word, $meaning),)+]),
            },)+
            $(Switch {
                name: $number_name,
                question_id: $number_question_id,
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
            question_id: "question/flat-scopes",
            question: "what happens to approvedScopes if they are sent as a flat list, as the guide shows it?",
            basis: "assumed: the guide shows the list, the reference the categorized object",
            Accept = "accept": "the scopes are sorted into the categories",
            Reject = "reject": "the request is refused because of the type",
            Ignore = "ignore": "the list is ignored without an error",
        }
        not_found_status NotFoundStatus "not-found-status" {
            question_id: "question/not-found",
            question: "which HTTP status does a request for an unknown server or client get?",
            basis: "assumed: no status or code is published",
            NotFound = "404": "404 Not Found",
            BadRequest = "400": "400 Bad Request",
        }
        not_found_code NotFoundCode "not-found-code" {
            question_id: "question/not-found",
            question: "which errorCode does a request for an unknown server or client get?",
            basis: "assumed: no code is published",
            Own = "own": "E114101 for a server, E114102 for a client",
            Common = "common": "E011004, invalid arguments",
        }
        foreign_client ForeignClient "foreign-client" {
            question_id: "question/foreign-client",
            question: "how is a request refused if the client belongs to another server of the project?",
            basis: "assumed: the response must not reveal that the client exists",
            Hidden = "hidden": "as if the client did not exist",
            Forbidden = "forbidden": "403 with E063316, the code known from the token endpoint",
        }
        unauthorized_status UnauthorizedStatus "unauthorized-status" {
            question_id: "question/unauthorized",
            question: "which HTTP status does a request with a missing or wrong management key get?",
            basis: "assumed, from the meaning of the HTTP statuses",
            Unauthorized = "401": "401 Unauthorized, with a challenge",
            Forbidden = "403": "403 Forbidden",
        }
        unauthorized_code UnauthorizedCode "unauthorized-code" {
            question_id: "question/unauthorized",
            question: "which errorCode does a request with a missing or wrong management key get?",
            basis: "assumed: E111119 is in a test of an official SDK",
            Management = "E111119": "one of the management family",
            Common = "E011001": "malformed request, of the common family",
            Infrastructure = "E130401": "one of the infrastructure family, like the E130429 of rate limits",
        }
        validation_code ValidationCode "validation-code" {
            question_id: "question/invalid-members",
            question: "which errorCodes do missing, invalid and refused members get?",
            basis: "assumed: both families are known from SDKs, but not where each is used",
            Common = "common": "E011002, E011003 and E011004",
            Management = "management": "E113007 for all",
        }
        duplicate_names DuplicateNames "duplicate-names" {
            question_id: "question/duplicate-names",
            question: "may two servers of a project, or two clients of a server, have the same name?",
            basis: "assumed: names of inbound apps are unique; nothing is documented for servers and clients",
            Accept = "accept": "they may",
            Reject = "reject": "the second is refused with E113011",
        }
        unknown_members UnknownMembers "unknown-members" {
            question_id: "question/unknown-members",
            question: "what happens to members that the reference does not have?",
            basis: "assumed: keeping them shows whether a client loses them",
            Keep = "keep": "they are stored and returned unchanged",
            Drop = "drop": "they are ignored without an error",
            Reject = "reject": "the request is refused",
        }
        single_delete_unknown SingleDeleteUnknown "single-delete-unknown" {
            question_id: "question/single-delete",
            question: "does the deletion of one server or client fail if the record does not exist?",
            basis: "assumed: only the bulk deletion was observed to be lenient",
            NotFound = "404": "it fails as for any unknown record",
            Ok = "ok": "it succeeds, as the bulk deletion does",
        }
        server_delete_clients ServerDeleteClients "server-delete-clients" {
            question_id: "question/clients-of-a-deleted-server",
            question: "does the deletion of a server delete its clients?",
            basis: "assumed",
            Cascade = "cascade": "it does",
            Keep = "keep": "it does not: they can still be loaded, searched and deleted, but get no tokens",
        }
        registration_type RegistrationType "registration-type" {
            question_id: "question/registration-types",
            question: "which values does registrationType have?",
            basis: "assumed: no document lists them",
            Manual = "manual": "manual, dcr, cimd",
            Preregistered = "preregistered": "preregistered, dynamic, metadata",
            Capitals = "MANUAL": "MANUAL, DCR, CIMD",
        }
        status Status "status" {
            question_id: "question/statuses",
            question: "which status does a new client have?",
            basis: "documented in an example of the guide; a public user of the service observes verified",
            Active = "active": "active",
            Verified = "verified": "verified",
        }
        over_limit OverLimit "over-limit" {
            question_id: "question/largest-limit",
            question: "what happens to a search limit above the maximum?",
            basis: "assumed",
            Reject = "reject": "the search is refused",
            Clamp = "clamp": "the maximum is used",
        }
        search_text SearchText "search-text" {
            question_id: "question/text-filter",
            question: "what does the text filter of a search look at?",
            basis: "assumed, from the search for users",
            Everything = "everything": "name, id, client id and tags",
            Name = "name": "the name",
        }
        name_match NameMatch "name-match" {
            question_id: "question/name-filter",
            question: "what does the name filter of a search match?",
            basis: "weakly observed: a public user of the service compares the results again",
            Substring = "substring": "a part of the name, ignoring case",
            Exact = "exact": "the whole name, with the same case",
        }
        tag_match TagMatch "tag-match" {
            question_id: "question/tag-filter",
            question: "what does the tag filter of a search match?",
            basis: "assumed",
            Exact = "exact": "a whole tag",
            Substring = "substring": "a part of a tag",
        }
        unknown_sort UnknownSort "unknown-sort" {
            question_id: "question/sort-fields",
            question: "what happens to a sort by an unknown field?",
            basis: "assumed: the fields are not documented",
            Reject = "reject": "the search is refused",
            Ignore = "ignore": "the field is ignored",
        }
        total Total "total" {
            question_id: "question/total",
            question: "what does total count?",
            basis: "assumed",
            All = "all": "the matches on all pages",
            Page = "page": "the clients on this page",
        }
        consent_flow ConsentFlow "consent-flow" {
            question_id: "question/consent-flow",
            question: "what happens to consentFlowId and consentFlowHostingURL?",
            basis: "observed that loginPageURL has a flow parameter; assumed that it comes from these members",
            Folded = "folded": "they become loginPageURL",
            Dropped = "dropped": "they are stored, but no response shows them",
        }
        login_page LoginPage "login-page" {
            question_id: "question/server-defaults",
            question: "what is loginPageURL if it was not sent?",
            basis: "assumed",
            Empty = "empty": "empty, like any member that was not sent",
            Project = "project": "a login page of the project with the consent flow for inbound apps",
        }
        login_flow LoginFlow "login-flow" {
            question_id: "question/login-flow",
            question: "when is a flow of the wrong type refused with E102005?",
            basis: "observed that it is refused, but not when",
            Unchecked = "unchecked": "never, by the management API",
            Checked = "checked": "on creation and update, unless the id of the flow starts with inbound-apps-",
        }
        absent Absent "absent" {
            question_id: "question/empty-members",
            question: "how are members returned that were never sent?",
            basis: "observed on records of sibling APIs",
            Zero = "zero": "with the zero value of their type",
            Omit = "omit": "not at all",
            Null = "null": "as null",
        }
        registration_default RegistrationDefault "registration-default" {
            question_id: "question/server-defaults",
            question: "is dynamic registration on for a server that was created without the setting?",
            basis: "documented for servers that were created in the console",
            On = "on": "it is on",
            Off = "off": "it is off",
        }
        session_defaults SessionDefaults "session-defaults" {
            question_id: "question/server-defaults",
            question: "which sessionSettings does a server have that was created without them?",
            basis: "assumed",
            Zero = "zero": "those of a member that was not sent",
            Filled = "filled": "the defaults of inbound apps, not enabled: 520 weeks and twice 10 minutes",
        }
        client_update ClientUpdate "client-update" {
            question_id: "question/client-update",
            question: "does an update of a client keep or clear the members that it leaves out?",
            basis: "assumed, from the documented update of servers",
            Replace = "replace": "they are cleared, except the name",
            Patch = "patch": "they are kept",
        }
        client_scopes ClientScopes "client-scopes" {
            question_id: "question/client-scopes",
            question: "must a client's scopes be among those that its server approves?",
            basis: "observed: they are returned as they were sent",
            Unchecked = "unchecked": "no",
            Checked = "checked": "yes: others are refused with E113007",
        }
        client_callbacks ClientCallbacks "client-callbacks" {
            question_id: "question/client-callbacks",
            question: "must a client's callback URLs be among those that its server approves?",
            basis: "assumed",
            Unchecked = "unchecked": "no",
            Checked = "checked": "yes, if the server approves any: others are refused with E113007",
        }
        rotation Rotation "rotation" {
            question_id: "question/rotation-grace",
            question: "when does the old secret become invalid after a rotation?",
            basis: "assumed, from access keys, whose old secret becomes invalid at once",
            Immediate = "immediate": "at once",
            Grace = "grace": "60 seconds later, or when the emulator stops",
        }
        rotation_tokens RotationTokens "rotation-tokens" {
            question_id: "question/rotation-and-tokens",
            question: "do refresh tokens stay valid after the rotation of the client's secret?",
            basis: "assumed",
            Kept = "kept": "they do",
            Revoked = "revoked": "they are revoked",
        }
        secret_read SecretRead "secret-read" {
            question_id: "question/secret-reads",
            question: "how often can the secret be read?",
            basis: "observed that it can be read again; the guide says once",
            Always = "always": "without a limit",
            Once = "once": "only in the response to its creation or rotation; reading it is refused with E113007",
        }
        m2m_scope M2mScope "m2m-scope" {
            question_id: "question/own-token-scope",
            question: "do tokens that a client gets for itself have a scope claim?",
            basis: "observed that they have none",
            Absent = "absent": "no",
            Present = "present": "yes",
        }
        m2m_audience M2mAudience "m2m-aud" {
            question_id: "question/own-token-audience",
            question: "what is the audience of tokens that a client gets for itself?",
            basis: "observed that a resource changes nothing",
            Ids = "ids": "the client id and the project id, whichever resource was requested",
            Resource = "resource": "the requested resource, or the ids if no resource was requested",
            Both = "ids-and-resource": "the ids and the requested resource",
        }
        token_issuer TokenIssuer "token-issuer" {
            question_id: "question/token-issuer",
            question: "what is the issuer of a token?",
            basis: "observed by one user of the live service, contradicted by others",
            Server = "server": "the MCP server's authorization server",
            Project = "project": "the project",
        }
        token_errors TokenErrors "token-errors" {
            question_id: "question/token-errors",
            question: "which form do errors of the authorization server have?",
            basis: "the envelope is observed; the standard form is what OAuth clients understand",
            OAuth = "oauth": "that of RFC 6749",
            Descope = "descope": "the envelope of the management API",
        }
        dcr_status DcrStatus "dcr-status" {
            question_id: "question/registration-status",
            question: "which HTTP status does a registration get?",
            basis: "RFC 7591; Descope documents 200",
            Created = "201": "201 Created",
            Ok = "200": "200 OK",
        }
        dcr_public_secret DcrPublicSecret "dcr-public-secret" {
            question_id: "question/registration-public-secret",
            question: "does a registration without client authentication get a secret?",
            basis: "RFC 7591",
            Absent = "absent": "no",
            Present = "present": "yes",
        }
        secret_expiry SecretExpiry "secret-expiry" {
            question_id: "question/registration-secret-expiry",
            question: "what is client_secret_expires_at in the response to a registration with a secret?",
            basis: "RFC 7591, which requires it",
            Zero = "zero": "0, for never",
            Absent = "absent": "the member is absent",
        }
        dcr_client_credentials DcrClientCredentials "dcr-client-credentials" {
            question_id: "question/registration-own-tokens",
            question: "can a client that registers itself get tokens for itself, by client_credentials?",
            basis: "assumed: anyone may register, and no user or administrator decides on such a token",
            LeaveOut = "leave-out": "no: the grant type is left out of the registration, and a registration with no other grant type is refused",
            Allow = "allow": "yes, with its own scopes",
        }
        self_registered_errors SelfRegisteredErrors "self-registered-errors" {
            question_id: "question/registered-client-errors",
            question: "before a user has acted, where does an error of an authorization request go if the client registered itself?",
            basis: "RFC 9700 section 4.11.2; RFC 6749 alone redirects for every client",
            Page = "page": "to a page with status 400",
            Redirect = "redirect": "to the redirect URI, as for other clients",
        }
        self_registered_consent SelfRegisteredConsent "self-registered-consent" {
            question_id: "question/registered-client-consent",
            question: "does skipConsentScreen apply to clients that registered themselves?",
            basis: "documented without an exception",
            Skip = "skip": "yes: no user is asked",
            Ask = "ask": "no: the user is asked",
        }
        client_id_form ClientIdForm "client-id-form" {
            question_id: "question/client-id-form",
            question: "do new client ids end in # before they are encoded?",
            basis: "observed both ways; the newer ones do",
            Padded = "padded": "base64 of <project id>:<record id>, padded",
            Hash = "hash": "base64 of <project id>:<record id>#, which needs no padding",
        }
        server_ids ServerIds "server-ids" {
            question_id: "question/server-ids",
            question: "can MS servers still be created?",
            basis: "documented; new servers in the console are resources",
            Server = "MS": "new servers get an MS id",
            Resource = "RS": "new servers get the id of a resource",
        }
        rs_servers RsServers "rs-servers" {
            question_id: "question/resource-ids",
            question: "do the operations on servers accept the ids of resources?",
            basis: "assumed; it was observed that the operations on clients do",
            Accept = "accept": "they do",
            Reject = "reject": "they do not: such a server does not exist for them",
        }
        retry_after RetryAfter "retry-after" {
            question_id: "question/retry-after",
            question: "does a 429 of the rate limit have Retry-After, and in which form?",
            basis: "observed in SDKs, which read whole seconds",
            Seconds = "seconds": "in whole seconds",
            Date = "date": "as a date",
            Absent = "absent": "it has no Retry-After",
        }
        rate_limit_bucket RateLimitBucket "rate-limit-bucket" {
            question_id: "question/rate-limit-bucket",
            question: "which requests does the rate limit count together?",
            basis: "documented for the API in general; user management counts by project",
            Address = "ip": "requests from one address",
            Project = "project": "requests for one project",
        }
    }
    numbers {
        default_limit "default-limit" {
            question_id: "question/default-limit",
            question: "how many clients does a page of a search without a limit have?",
            basis: "documented for the search for users",
            range: 1 to 1000, default: 100, unit: "",
        }
        largest_limit "largest-limit" {
            question_id: "question/largest-limit",
            question: "what is the maximum limit of a search?",
            basis: "documented for the search in the audit log",
            range: 1 to 10000, default: 1000, unit: "",
        }
        search_lag_ms "search-lag" {
            question_id: "question/search-lag",
            question: "how long does a write take to show in searches and lists?",
            basis: "observed that it can take seconds; by default, tests can rely on immediate visibility",
            range: 0 to 5000, default: 0, unit: "ms",
        }
    }
}
