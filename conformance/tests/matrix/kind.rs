//! What a mutant does wrong, apart from where: the kinds of the matrix, in the groups of its columns.

/// What a mutant does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It stores something else than it was sent.
    Stored(Stored),
    /// It shows something else than it holds.
    Shown(Shown),
    /// It looks a record up by something else than its id.
    Looked(Looked),
    /// It filters or sorts a search wrongly.
    Searched(Searched),
    /// It cuts a list into pages wrongly.
    Paged(Paged),
    /// It takes a management key that is not the right one.
    Key(Key),
    /// It does more or less than it was asked for.
    Effect(Effect),
    /// Its authorization server takes what it must refuse.
    Granted(Granted),
}

/// Gives each value of an enum its name in reports, and the enum the list of its values.
macro_rules! named {
    ($(#[$doc:meta])* $type:ident { $($value:ident = $name:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $type {
            $(#[doc = $name] $value,)+
        }

        impl $type {
            fn name(self) -> &'static str {
                match self {
                    $(Self::$value => $name,)+
                }
            }
        }
    };
}

named! {
    /// What becomes of a member of a request before it is stored.
    Stored {
        Ignored = "ignored",
        Kept = "last value kept",
        LeftOutKept = "kept although left out",
        Trimmed = "trimmed",
        LowerCase = "in lower case",
        Escaped = "escaped",
        Cut = "cut at 255",
        Coerced = "coerced",
        Sorted = "sorted",
        Unique = "duplicates dropped",
        FirstTwo = "list cut at two",
        FirstTen = "list cut at ten",
        Int16 = "as a 16-bit integer",
        True = "always true",
        False = "always false",
    }
}

named! {
    /// What becomes of a member of a response.
    Shown {
        Missing = "missing",
        Stale = "stale",
        OfAnother = "of another record",
    }
}

named! {
    /// How an identifier is compared.
    Looked {
        NotChecked = "not checked",
        Prefix = "prefix",
        Longer = "longer",
        Case = "without case",
        Blank = "without blanks",
    }
}

named! {
    /// What becomes of a filter, or of the order of a search.
    Searched {
        Ignored = "ignored",
        Or = "OR instead of AND",
        Part = "substring",
        Case = "without case",
        AfterPaging = "applied after paging",
        DirectionIgnored = "direction ignored",
        Backwards = "backwards",
    }
}

named! {
    /// How a list is cut into pages.
    Paged {
        PageIgnored = "page ignored",
        LimitIgnored = "limit ignored",
        FromOne = "counted from one",
        Repeat = "repeats a record",
        Gap = "leaves a record out",
        GapInTen = "leaves a record out of ten or more",
        BeyondEnd = "last page again",
        TotalOfPage = "total of the page",
        TotalTooHigh = "total too high",
    }
}

named! {
    /// Which wrong management key is taken for the right one.
    Key {
        None = "no key",
        Another = "another key",
        AnotherProject = "another project",
        AnotherScheme = "another scheme",
        Empty = "empty key",
        Prefix = "prefix of the key",
        Longer = "longer key",
        Case = "key in another case",
    }
}

named! {
    /// What is done besides, or in place of, what was asked for.
    Effect {
        NotDone = "not done",
        Twice = "done twice",
        WithoutKey = "done although unauthorized",
        Malformed = "done although malformed",
        OnSibling = "also done to a sibling",
        OnSiblingElsewhere = "also done to a record elsewhere",
        ReadChanges = "reading changes the record",
        UnknownFound = "the unknown is found",
        DeletedFound = "the deleted is found",
    }
}

named! {
    /// What an authorization server takes that it must refuse.
    Granted {
        AnySecret = "any secret",
        SecretPrefix = "prefix of the secret",
        SecretLonger = "longer secret",
        SecretCase = "secret in another case",
        SecretEmpty = "empty secret",
        SecretMissing = "no secret",
        SecretOld = "old secret",
        SecretOfAnotherClient = "secret of another client",
        SecretOfAnotherServer = "secret of a client elsewhere",
        CodeOfAnotherClient = "code of another client",
        CodeTwice = "code a second time",
        VerifierAnother = "another verifier",
        VerifierMissing = "no verifier",
        RedirectAnother = "another redirect URI at the token endpoint",
        RedirectMissing = "no redirect URI at the token endpoint",
        RefreshOfAnotherClient = "refresh token of another client",
        RefreshSpent = "spent refresh token",
        RefreshWider = "wider scope on refresh",
        Scope = "scope beyond the approved ones",
        Resource = "resource beyond the approved ones",
        ChallengeMissing = "no challenge",
        ChallengePlain = "plain challenge",
        RedirectSubdomain = "redirect URI on a subdomain",
        RedirectPath = "redirect URI with a longer path",
        RedirectScheme = "redirect URI with another scheme",
        RedirectQuery = "redirect URI with a query",
        ResponseType = "another response type",
        ClientUnknown = "unknown client",
    }
}

impl Kind {
    /// The columns of the matrix, in order.
    pub const GROUPS: [&'static str; 8] = [
        "request member",
        "response member",
        "identifier",
        "filter, sort",
        "pages",
        "management key",
        "effect",
        "grant",
    ];

    /// Its column.
    pub fn group(self) -> &'static str {
        Self::GROUPS[match self {
            Self::Stored(_) => 0,
            Self::Shown(_) => 1,
            Self::Looked(_) => 2,
            Self::Searched(_) => 3,
            Self::Paged(_) => 4,
            Self::Key(_) => 5,
            Self::Effect(_) => 6,
            Self::Granted(_) => 7,
        }]
    }

    /// Its name within its column.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stored(kind) => kind.name(),
            Self::Shown(kind) => kind.name(),
            Self::Looked(kind) => kind.name(),
            Self::Searched(kind) => kind.name(),
            Self::Paged(kind) => kind.name(),
            Self::Key(kind) => kind.name(),
            Self::Effect(kind) => kind.name(),
            Self::Granted(kind) => kind.name(),
        }
    }

    /// Whether a run of the emulator without a mutant shows if it would act.
    pub fn can_be_watched(self) -> bool {
        matches!(self, Self::Stored(_) | Self::Shown(_) | Self::Looked(_) | Self::Key(_))
    }

    /// Whether it acts on what the target says, not on what it is asked.
    pub fn is_about_responses(self) -> bool {
        matches!(self, Self::Shown(_))
    }
}
