//! The words of generated submissions.

/// Common first names.
pub const FIRST_NAMES: [&str; 40] = [
    "Ayşe",
    "Fatma",
    "Emine",
    "Hatice",
    "Zeynep",
    "Elif",
    "Meryem",
    "Şerife",
    "Sultan",
    "Hanife",
    "Zehra",
    "Merve",
    "Büşra",
    "Esra",
    "Özlem",
    "Gülsüm",
    "Yasemin",
    "Işıl",
    "İpek",
    "Çiğdem",
    "Mehmet",
    "Mustafa",
    "Ahmet",
    "Ali",
    "Hüseyin",
    "Hasan",
    "İbrahim",
    "İsmail",
    "Osman",
    "Yusuf",
    "Murat",
    "Ömer",
    "Ramazan",
    "Halil",
    "Süleyman",
    "Uğur",
    "Çağrı",
    "Gökhan",
    "Ümit",
    "Oğuz",
];

/// Second first names.
pub const SECOND_NAMES: [&str; 8] = ["Nur", "Naz", "Can", "Emre", "Su", "Efe", "Gül", "Alp"];

/// Last names.
pub const LAST_NAMES: [&str; 40] = [
    "Yılmaz",
    "Kaya",
    "Demir",
    "Şahin",
    "Çelik",
    "Yıldız",
    "Yıldırım",
    "Öztürk",
    "Aydın",
    "Özdemir",
    "Arslan",
    "Doğan",
    "Kılıç",
    "Aslan",
    "Çetin",
    "Kara",
    "Koç",
    "Kurt",
    "Özkan",
    "Şimşek",
    "Polat",
    "Korkmaz",
    "Özcan",
    "Çakır",
    "Erdoğan",
    "Güneş",
    "Yavuz",
    "Can",
    "Acar",
    "Şen",
    "Aktaş",
    "Güler",
    "Yalçın",
    "Güngör",
    "Bulut",
    "Işık",
    "Ünal",
    "Tekin",
    "Taş",
    "Ateş",
];

/// Streets of addresses.
pub const STREETS: [&str; 14] = [
    "Atatürk Caddesi",
    "Cumhuriyet Caddesi",
    "İnönü Bulvarı",
    "Gazi Sokak",
    "Lale Sokak",
    "Çınar Sokak",
    "İstiklal Caddesi",
    "Zafer Sokak",
    "Fatih Caddesi",
    "Barış Sokak",
    "Yunus Emre Caddesi",
    "Mevlana Bulvarı",
    "Gül Sokak",
    "Okul Sokak",
];

/// Quarters of addresses.
pub const QUARTERS: [&str; 10] = [
    "Cumhuriyet",
    "Yenimahalle",
    "Fatih",
    "Bahçelievler",
    "Kurtuluş",
    "Hürriyet",
    "Yeşiltepe",
    "Karşıyaka",
    "Barbaros",
    "Çamlık",
];

/// What a subject adds to the service's title.
pub const SUBJECTS: [&str; 5] =
    ["başvurusu", "hakkında", "talebi", "işlemi için başvuru", "konusunda dilekçe"];

/// How texts begin.
pub const OPENINGS: [&str; 5] = [
    "İlinizde ikamet etmekteyim.",
    "Bir süredir bu konuda işlem yapmak istiyorum.",
    "Daha önce şahsen başvurmuştum, bu kez elektronik ortamda başvuruyorum.",
    "Gerekli belgeleri ekte sunuyorum.",
    "Konuya ilişkin bilgiler aşağıdadır.",
];

/// How texts go on.
pub const MIDDLES: [&str; 5] = [
    "İşlemin en kısa sürede sonuçlandırılması benim için önemlidir.",
    "Eksik belge olması hâlinde tarafıma bilgi verilmesini rica ederim.",
    "Başvurumun ilgili birimce incelenmesini istiyorum.",
    "Beyan ettiğim bilgilerin doğru olduğunu kabul ediyorum.",
    "Gerekirse aslını elden getirebilirim.",
];

/// How texts end.
pub const CLOSINGS: [&str; 3] =
    ["Gereğini saygılarımla arz ederim.", "Gereğinin yapılmasını arz ederim.", "Bilgilerinize arz ederim."];

/// Words for text fields.
pub const WORDS: [&str; 10] =
    ["Anadolu", "Kültür", "Dayanışma", "Umut", "Eğitim", "Spor", "Merkez", "Gençlik", "Yardımlaşma", "Çevre"];

/// Districts of the largest governorates, by plate code; all others have only Merkez.
pub fn districts(plate: usize) -> &'static [&'static str] {
    match plate {
        6 => &["Çankaya", "Keçiören", "Yenimahalle", "Mamak", "Etimesgut", "Sincan", "Altındağ", "Polatlı"],
        34 => &[
            "Kadıköy",
            "Üsküdar",
            "Fatih",
            "Beşiktaş",
            "Esenyurt",
            "Bağcılar",
            "Ümraniye",
            "Şişli",
            "Silivri",
        ],
        35 => &["Konak", "Karşıyaka", "Bornova", "Buca", "Çiğli", "Ödemiş", "Urla"],
        16 => &["Osmangazi", "Nilüfer", "Yıldırım", "İnegöl", "Gemlik"],
        7 => &["Muratpaşa", "Kepez", "Alanya", "Manavgat", "Kumluca"],
        1 => &["Seyhan", "Çukurova", "Yüreğir", "Ceyhan", "Kozan"],
        42 => &["Selçuklu", "Meram", "Karatay", "Ereğli", "Akşehir"],
        27 => &["Şahinbey", "Şehitkamil", "Nizip", "İslahiye"],
        63 => &["Eyyübiye", "Haliliye", "Siverek", "Viranşehir"],
        41 => &["İzmit", "Gebze", "Darıca", "Körfez"],
        _ => &["Merkez"],
    }
}

/// Approximate population in thousands, by plate code from 1.
pub const PEOPLE: [u32; 81] = [
    2270, 605, 751, 511, 339, 5804, 2696, 172, 1162, 1274, 229, 286, 359, 325, 278, 3214, 570, 205, 528,
    1060, 1818, 420, 604, 243, 749, 915, 2164, 461, 148, 287, 1544, 449, 1938, 15656, 4479, 278, 388, 1445,
    377, 247, 2102, 2320, 575, 742, 1475, 1116, 888, 1066, 392, 315, 377, 775, 350, 1098, 1377, 347, 229,
    650, 1167, 606, 824, 89, 2213, 377, 1127, 420, 591, 438, 86, 262, 283, 647, 570, 207, 92, 209, 304, 255,
    155, 557, 409,
];
