extension CatalogEntry {
  /// ProPublica's COMPAS file: was a defendant of Broward County charged with a new offence within two years?
  public static let compas = CatalogEntry(
    name: "compas",
    title: "COMPAS recidivism scores, Broward County 2013–2014",
    files: [
      File(
        name: "all", fileName: "compas-scores-two-years.csv",
        url: "https://raw.githubusercontent.com/propublica/compas-analysis/master/compas-scores-two-years.csv",
        sha256: [
          "c451db85908b2f7fef1d83203bedf6b71ecda0d5af468d82ae62178f91d0cc7d",
          // The same without the columns that identify people.
          "a5e5c34bfd2d1f065bb12a44c0323421baf74b98b97d585915a0c2e1513ecaba",
        ])
    ],
    defaultFiles: ["all"],
    format: CSVFormat(),
    types: [:],
    missingMarkers: [],
    identifying: ["name", "first", "last", "dob", "c_case_number", "r_case_number", "vr_case_number"],
    renamedLabels: [:],
    recipe: DataRecipe(
      label: DataRecipe.Label(column: "two_year_recid", positive: ["1"]),
      sensitive: [
        DataRecipe.Sensitive(column: "race", privileged: "Caucasian"),
        DataRecipe.Sensitive(column: "sex", privileged: "Female"),
      ],
      drop: compasColumnsUnknownAtDecision,
      // ProPublica's: the charge is that of the arrest, the case is known, no ordinary traffic offence, a score.
      filters: [
        RowFilter(column: "days_b_screening_arrest", .between(-30, 30)),
        RowFilter(column: "is_recid", .notAmong(["-1"])),
        RowFilter(column: "c_charge_degree", .notAmong(["O"])),
        RowFilter(column: "score_text", .notAmong(["N/A"])),
      ],
      // The smallest group has eleven rows: without this, a part may lack it.
      split: .fractions([.train: 0.7, .test: 0.3], stratify: .column("race"), seed: 7)),
    licence: "None stated by its publisher, ProPublica (propublica/compas-analysis)",
    citation: "Larson, J., Mattu, S., Kirchner, L. and Angwin, J. (2016). How We Analyzed the COMPAS Recidivism "
      + "Algorithm. ProPublica.",
    caveats: [
      "A new charge is not a new offence: who is arrested depends on policing, which differs by race.",
      "The two-year cut was made wrongly for part of the repeat offenders, which raises their share (Barenstein 2019).",
      "The rows are people. The columns that identify them are never read.",
    ])

  /// Columns that tell the outcome, are made of the COMPAS score, or are dates and numbers of the file.
  private static let compasColumnsUnknownAtDecision = [
    "id", "compas_screening_date", "decile_score", "days_b_screening_arrest", "c_jail_in", "c_jail_out",
    "c_offense_date", "c_arrest_date", "c_days_from_compas", "is_recid", "r_charge_degree", "r_days_from_arrest",
    "r_offense_date", "r_charge_desc", "r_jail_in", "r_jail_out", "violent_recid", "is_violent_recid",
    "vr_charge_degree", "vr_offense_date", "vr_charge_desc", "type_of_assessment", "score_text", "screening_date",
    "v_type_of_assessment", "v_decile_score", "v_score_text", "v_screening_date", "in_custody", "out_custody", "start",
    "end", "event",
  ]
}
