//! What the made-up catalogue is made of.

/// A category, its SKU prefix, what it sells, and its cheapest and dearest price in cents.
pub(super) struct Shelf {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    pub(super) prefix: &'static str,
    pub(super) nouns: &'static [&'static str],
    pub(super) prices: (i64, i64),
}

pub(super) const SHELVES: &[Shelf] = &[
    Shelf {
        name: "Kitchen",
        description: "Pots, knives and what goes with them.",
        prefix: "KIT",
        nouns: &[
            "Saucepan",
            "Chef's Knife",
            "Cutting Board",
            "Kettle",
            "Whisk",
            "Mixing Bowl",
            "Colander",
            "Espresso Maker",
        ],
        prices: (499, 18_999),
    },
    Shelf {
        name: "Garden",
        description: "Tools and pots for outdoors.",
        prefix: "GAR",
        nouns: &[
            "Trowel",
            "Watering Can",
            "Planter",
            "Pruning Shears",
            "Hose",
            "Rake",
            "Bird Bath",
            "Compost Bin",
        ],
        prices: (399, 12_999),
    },
    Shelf {
        name: "Books",
        description: "Blank ones, and ones to read.",
        prefix: "BOO",
        nouns: &[
            "Notebook",
            "Atlas",
            "Cookbook",
            "Field Guide",
            "Sketchbook",
            "Novel",
            "Dictionary",
            "Diary",
        ],
        prices: (299, 5_999),
    },
    Shelf {
        name: "Lighting",
        description: "Lamps for desks, floors and ceilings.",
        prefix: "LIG",
        nouns: &[
            "Desk Lamp",
            "Floor Lamp",
            "Pendant",
            "Lantern",
            "Wall Light",
            "String Lights",
            "Torch",
            "Night Light",
        ],
        prices: (699, 24_999),
    },
    Shelf {
        name: "Furniture",
        description: "Chairs, shelves and tables.",
        prefix: "FUR",
        nouns: &[
            "Chair",
            "Bookshelf",
            "Side Table",
            "Stool",
            "Bench",
            "Desk",
            "Coat Rack",
            "Cabinet",
        ],
        prices: (2_999, 89_999),
    },
    Shelf {
        name: "Toys",
        description: "For children, and for those who were.",
        prefix: "TOY",
        nouns: &[
            "Puzzle",
            "Building Blocks",
            "Kite",
            "Board Game",
            "Spinning Top",
            "Train Set",
            "Yo-Yo",
            "Marble Run",
        ],
        prices: (299, 9_999),
    },
    Shelf {
        name: "Sports",
        description: "Balls, mats and bottles.",
        prefix: "SPO",
        nouns: &[
            "Yoga Mat",
            "Football",
            "Water Bottle",
            "Skipping Rope",
            "Racket",
            "Dumbbell",
            "Climbing Rope",
            "Helmet",
        ],
        prices: (599, 19_999),
    },
    Shelf {
        name: "Office",
        description: "Paper, pens and places to put them.",
        prefix: "OFF",
        nouns: &[
            "Fountain Pen",
            "Stapler",
            "Desk Tray",
            "Paper Knife",
            "Calendar",
            "Binder",
            "Whiteboard",
            "Hole Punch",
        ],
        prices: (199, 7_999),
    },
    Shelf {
        name: "Music",
        description: "Instruments and their stands.",
        prefix: "MUS",
        nouns: &[
            "Ukulele",
            "Metronome",
            "Music Stand",
            "Tambourine",
            "Harmonica",
            "Guitar Strap",
            "Drumsticks",
            "Melodica",
        ],
        prices: (799, 49_999),
    },
    Shelf {
        name: "Bath",
        description: "Towels, brushes and soap.",
        prefix: "BAT",
        nouns: &[
            "Towel",
            "Soap Dish",
            "Bath Mat",
            "Shower Curtain",
            "Sponge",
            "Mirror",
            "Laundry Basket",
            "Hair Brush",
        ],
        prices: (299, 6_999),
    },
    Shelf {
        name: "Travel",
        description: "Bags, and what goes inside.",
        prefix: "TRA",
        nouns: &[
            "Backpack",
            "Suitcase",
            "Neck Pillow",
            "Wash Bag",
            "Luggage Tag",
            "Umbrella",
            "Travel Mug",
            "Money Belt",
        ],
        prices: (599, 34_999),
    },
    Shelf {
        name: "Electronics",
        description: "Things with a plug or a battery.",
        prefix: "ELE",
        nouns: &[
            "Headphones",
            "Speaker",
            "Keyboard",
            "Charger",
            "Webcam",
            "Radio",
            "Alarm Clock",
            "Power Bank",
        ],
        prices: (999, 99_999),
    },
];

pub(super) const ADJECTIVES: &[&str] = &[
    "Compact", "Classic", "Foldable", "Everyday", "Large", "Light", "Quiet", "Sturdy", "Vintage",
    "Slim", "Round", "Nordic", "Travel", "Little", "Tall", "Plain",
];

pub(super) const MATERIALS: &[&str] = &[
    "Oak", "Steel", "Linen", "Cotton", "Bamboo", "Copper", "Glass", "Walnut", "Felt", "Leather",
    "Ceramic", "Cork", "Brass", "Wool",
];

pub(super) const SENTENCES: &[&str] = &[
    "Made to be used every day.",
    "Comes with a two-year guarantee.",
    "Wipe clean with a damp cloth.",
    "Ships flat; no tools needed.",
    "Made from recycled material where possible.",
    "Also available in other colours.",
    "100% as shown; sizes vary by a few millimetres.",
];

pub(super) const AUTHORS: &[&str] = &[
    "Ada", "Bram", "Chiara", "Dmitri", "Esi", "Farid", "Greta", "Hana", "Ivo", "Jun", "Kofi", "Léa",
];

pub(super) const OPINIONS: &[&str] = &[
    "Does what it should.",
    "Arrived late, works well.",
    "Smaller than I thought.",
    "Would buy again.",
    "The colour is not the one on the picture.",
    "A present; it was well received.",
];

/// Event kinds, their titles (`{}` stands for a number), and whether they have a severity.
pub(super) const EVENTS: &[(&str, &str, bool)] = &[
    ("order.placed", "Order {} placed", false),
    ("order.shipped", "Order {} shipped", false),
    ("order.returned", "Order {} came back", true),
    ("payment.failed", "Payment for order {} failed", true),
    ("stock.low", "Product {} is running low", true),
    ("review.posted", "Product {} was reviewed", false),
    ("login.failed", "Customer {} could not log in", true),
    ("service.slow", "Requests took {} ms", true),
];
