extension CatalogEntry {
  /// UCI Adult: does a person earn more than 50,000 dollars a year? From the United States' census of 1994.
  public static let adult = CatalogEntry(
    name: "adult",
    title: "Adult (Census Income)",
    files: [
      File(
        name: "train", fileName: "adult.data",
        url: "https://archive.ics.uci.edu/ml/machine-learning-databases/adult/adult.data",
        sha256: ["5b00264637dbfec36bdeaab5676b0b309ff9eb788d63554ca0a249491c86603d"]),
      File(
        name: "test", fileName: "adult.test",
        url: "https://archive.ics.uci.edu/ml/machine-learning-databases/adult/adult.test",
        sha256: ["a2a9044bc167a35b2361efbabec64e89d69ce82d9790d2980119aac5fd7e9c05"]),
    ],
    defaultFiles: ["train"],
    format: CSVFormat(
      columnNames: [
        "age", "workclass", "fnlwgt", "education", "education-num", "marital-status", "occupation", "relationship",
        "race", "sex", "capital-gain", "capital-loss", "hours-per-week", "native-country", "income",
      ],
      comment: "|"),
    types: [:],
    missingMarkers: ["?"],
    identifying: [],
    renamedLabels: [">50K.": ">50K", "<=50K.": "<=50K"],
    recipe: DataRecipe(
      label: DataRecipe.Label(column: "income", positive: [">50K"]),
      sensitive: [
        DataRecipe.Sensitive(column: "race", privileged: "White", keep: ["White", "Black"]),
        DataRecipe.Sensitive(column: "sex", privileged: "Male"),
      ],
      drop: ["fnlwgt"],
      encoding: EncodingOptions(dropFirst: true),
      split: .fractions([.train: 0.5, .test: 0.5], stratify: .label, seed: 7)),
    licence: "CC BY 4.0",
    citation: "Becker, B. and Kohavi, R. (1996). Adult. UCI Machine Learning Repository. doi:10.24432/C5XW20",
    caveats: [
      "The threshold of 50,000 dollars of 1994 lies near the 75th percentile, and far higher in the incomes of women "
        + "and of Black people; how unfair a classifier looks depends on it (Ding and others 2021).",
      "The column fnlwgt says how many people a row stands for in the census; it is not a property of the person.",
      "Sex and race are the census takers' categories of 1994: two sexes, five races.",
    ])
}
