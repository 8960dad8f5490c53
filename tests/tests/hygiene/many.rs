//! Two hundred handlers in one list, written by a macro.

use aghanim_hooks::{Handlers, RawEvent, webhook, webhooks};

macro_rules! handlers {
    ($($name:ident $pattern:literal),* $(,)?) => {
        $(
            #[webhook($pattern)]
            async fn $name(_event: RawEvent) {}
        )*

        fn many() -> Handlers<()> {
            webhooks![$($name),*]
        }
    };
}

handlers! {
    h000 "many.h000", h001 "many.h001", h002 "many.h002", h003 "many.h003", h004 "many.h004",
    h005 "many.h005", h006 "many.h006", h007 "many.h007", h008 "many.h008", h009 "many.h009",
    h010 "many.h010", h011 "many.h011", h012 "many.h012", h013 "many.h013", h014 "many.h014",
    h015 "many.h015", h016 "many.h016", h017 "many.h017", h018 "many.h018", h019 "many.h019",
    h020 "many.h020", h021 "many.h021", h022 "many.h022", h023 "many.h023", h024 "many.h024",
    h025 "many.h025", h026 "many.h026", h027 "many.h027", h028 "many.h028", h029 "many.h029",
    h030 "many.h030", h031 "many.h031", h032 "many.h032", h033 "many.h033", h034 "many.h034",
    h035 "many.h035", h036 "many.h036", h037 "many.h037", h038 "many.h038", h039 "many.h039",
    h040 "many.h040", h041 "many.h041", h042 "many.h042", h043 "many.h043", h044 "many.h044",
    h045 "many.h045", h046 "many.h046", h047 "many.h047", h048 "many.h048", h049 "many.h049",
    h050 "many.h050", h051 "many.h051", h052 "many.h052", h053 "many.h053", h054 "many.h054",
    h055 "many.h055", h056 "many.h056", h057 "many.h057", h058 "many.h058", h059 "many.h059",
    h060 "many.h060", h061 "many.h061", h062 "many.h062", h063 "many.h063", h064 "many.h064",
    h065 "many.h065", h066 "many.h066", h067 "many.h067", h068 "many.h068", h069 "many.h069",
    h070 "many.h070", h071 "many.h071", h072 "many.h072", h073 "many.h073", h074 "many.h074",
    h075 "many.h075", h076 "many.h076", h077 "many.h077", h078 "many.h078", h079 "many.h079",
    h080 "many.h080", h081 "many.h081", h082 "many.h082", h083 "many.h083", h084 "many.h084",
    h085 "many.h085", h086 "many.h086", h087 "many.h087", h088 "many.h088", h089 "many.h089",
    h090 "many.h090", h091 "many.h091", h092 "many.h092", h093 "many.h093", h094 "many.h094",
    h095 "many.h095", h096 "many.h096", h097 "many.h097", h098 "many.h098", h099 "many.h099",
    h100 "many.h100", h101 "many.h101", h102 "many.h102", h103 "many.h103", h104 "many.h104",
    h105 "many.h105", h106 "many.h106", h107 "many.h107", h108 "many.h108", h109 "many.h109",
    h110 "many.h110", h111 "many.h111", h112 "many.h112", h113 "many.h113", h114 "many.h114",
    h115 "many.h115", h116 "many.h116", h117 "many.h117", h118 "many.h118", h119 "many.h119",
    h120 "many.h120", h121 "many.h121", h122 "many.h122", h123 "many.h123", h124 "many.h124",
    h125 "many.h125", h126 "many.h126", h127 "many.h127", h128 "many.h128", h129 "many.h129",
    h130 "many.h130", h131 "many.h131", h132 "many.h132", h133 "many.h133", h134 "many.h134",
    h135 "many.h135", h136 "many.h136", h137 "many.h137", h138 "many.h138", h139 "many.h139",
    h140 "many.h140", h141 "many.h141", h142 "many.h142", h143 "many.h143", h144 "many.h144",
    h145 "many.h145", h146 "many.h146", h147 "many.h147", h148 "many.h148", h149 "many.h149",
    h150 "many.h150", h151 "many.h151", h152 "many.h152", h153 "many.h153", h154 "many.h154",
    h155 "many.h155", h156 "many.h156", h157 "many.h157", h158 "many.h158", h159 "many.h159",
    h160 "many.h160", h161 "many.h161", h162 "many.h162", h163 "many.h163", h164 "many.h164",
    h165 "many.h165", h166 "many.h166", h167 "many.h167", h168 "many.h168", h169 "many.h169",
    h170 "many.h170", h171 "many.h171", h172 "many.h172", h173 "many.h173", h174 "many.h174",
    h175 "many.h175", h176 "many.h176", h177 "many.h177", h178 "many.h178", h179 "many.h179",
    h180 "many.h180", h181 "many.h181", h182 "many.h182", h183 "many.h183", h184 "many.h184",
    h185 "many.h185", h186 "many.h186", h187 "many.h187", h188 "many.h188", h189 "many.h189",
    h190 "many.h190", h191 "many.h191", h192 "many.h192", h193 "many.h193", h194 "many.h194",
    h195 "many.h195", h196 "many.h196", h197 "many.h197", h198 "many.h198", h199 "many.h199",
}

#[test]
fn each_of_many_is_there() {
    let handlers = many();
    let events = crate::events(&handlers);
    assert_eq!(events.len(), 200);
    assert!(events.iter().enumerate().all(|(i, event)| *event == format!("many.h{i:03}")));
}
