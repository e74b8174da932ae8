import FairnessEvaluation
import FairnessMetrics
import MetricExpressions

extension EvaluationSpecification {
  private typealias Field = ConfigurationField<EvaluationSpecification>

  /// The keys that say what is judged and what is demanded: of an evaluation file, and of a run's `evaluation`.
  ///
  /// - Parameters:
  ///   - thresholds: The numbers that thresholds may be.
  ///   - slices: What is judged apart where `slices` is left out.
  static func judgementFields(
    thresholds: NumberRange, slices: String
  ) -> [ConfigurationField<EvaluationSpecification>] {
    [
      Field(
        "groups", \.groupNames, .list(.text(.notEmpty), maximum: 1000, distinct: true),
        "Columns to slice by, any of the table's; those of slices and gates need not be named again."),
      Field(
        "bins", \.bins, .map(increasingEdges),
        "Where columns of numbers are cut into groups, such as {\"age\": [18, 65]} for three."),
      Field(
        "multiValued", \.multiValued, .map(.text(.notEmpty)),
        "The separators of columns whose cells hold several groups, such as {\"identity\": \"|\"}; the groups overlap."),
      Field(
        "soft", \.soft, .map(SoftGroups.section.codec),
        "Columns that annotate groups by degree, under the name of the column they make: {\"gender\": {\"columns\": "
          + "[\"female\", \"male\"], \"threshold\": 0.5}}."),
      Field(
        "slices", \.slices,
        .list(.list(.text(.notEmpty), minimum: 1, maximum: 8, distinct: true), maximum: 1000, distinct: true),
        "Sets of columns whose values, or crosses of values, are judged apart. \(slices)"),
      Field(
        "thresholds", \.thresholds, .list(.number(thresholds), minimum: 1, maximum: 1000, distinct: true),
        "A row is selected where its score is at least the threshold; the first is the threshold of the decisions."),
      Field(
        "metrics", \.metrics, .optional(.list(.metric, minimum: 1, maximum: 1000), sample: sampleMetrics),
        "The metrics that tables show; null: the usual ones. All are in the records."),
      Field(
        "require", \.requirements, .list(.gate(failsIfMet: false), maximum: 1000),
        "Conditions that must hold, such as \"p_percent_rule(sex) >= 0.8\" or \"abs(fpr(sex = Female) - fpr(overall)) "
          + "<= 0.02\". Where one fails, the exit status is 1; where the data cannot tell, 3."),
      Field(
        "failIf", \.prohibitions, .list(.gate(failsIfMet: true), maximum: 1000),
        "Conditions that must not hold, such as \"accuracy < 0.7\"."),
      Field(
        "packs", \.packs, .list(.choice, maximum: 2, distinct: true),
        "Tables that laws and guidelines ask for; computations, no legal advice."),
      Field(
        "packColumns", \.columnsOfPack, .optional(PackColumns.section.codec, sample: PackColumns("sex", "race")),
        "The columns of sex and of race or ethnicity for nyc-ll144; null: those named sex or gender, and race or "
          + "ethnicity."),
      Field(
        "worstSlices", \.worstSliceDepth, .optional(.integer(1...6), sample: 2),
        "The largest number of columns whose crosses are searched for slices treated worst; null: no search."),
      Field(
        "compare", \.comparison, .optional(.comparison, sample: .falsePositiveRate),
        "In what models are made equal over all rows before they are compared: their false positive rate (fpr), their "
          + "selection rate (selection), or the cost of a false positive and a false negative; null: no comparison."),
      Field("intervals", \.intervals, .boolean, "Whether intervals and tests are computed."),
      Field("confidence", \.confidence, .number(.open(0, 1)), "The confidence of the intervals."),
      Field(
        "draws", \.draws, .integer(2...100_000),
        "The draws of the bootstrap, which gives the intervals of all that has no formula for one. In a run, the splits "
          + "by which no gate is judged take at most 200."),
      Field(
        "seed", \.seed, .integer(0...ExperimentConfiguration.largestSeed), "The seed of the bootstrap."),
      Field(
        "minimumRows", \.minimumRows, .integer(1...1_000_000_000),
        "The number of rows below which a slice is called tiny."),
      Field(
        "words", \.words, .optional(DomainWords.section.codec, sample: .sample),
        "What labels and decisions mean, so that metrics are explained in the words of the domain; null: no "
          + "explanations."),
    ]
  }

  private static let sampleMetrics = ["fpr", "auc"].compactMap { MetricName($0) }

  static let increasingEdges: ConfigurationCodec<[Double]> = ConfigurationCodec<[Double]>.list(
    .number(.finite), minimum: 1, maximum: 1000
  ).refusing { NumericBins(edges: $0) == nil ? "should be ascending numbers to cut at." : nil }
}

// MARK: - Parts of a specification, as keys hold them

extension EvaluationSpecification {
  fileprivate var groupNames: [String] {
    get { groups.map(\.name) }
    set { for name in newValue where !groupNames.contains(name) { groups.append(GroupSource(name)) } }
  }

  fileprivate var bins: [NamedValue<[Double]>] {
    get { made { if case .bins(let bins) = $0 { bins.edges } else { nil } } }
    set { for value in newValue { NumericBins(edges: value.value).map { put(GroupSource(value.name, .bins($0))) } } }
  }

  fileprivate var multiValued: [NamedValue<String>] {
    get { made { if case .multiValued(let separator) = $0 { separator } else { nil } } }
    set { for value in newValue { put(GroupSource(value.name, .multiValued(separator: value.value))) } }
  }

  fileprivate var soft: [NamedValue<SoftGroups>] {
    get { made { if case .soft(let columns, let threshold) = $0 { SoftGroups(columns, threshold) } else { nil } } }
    set {
      for value in newValue {
        put(GroupSource(value.name, .soft(columns: value.value.columns, threshold: value.value.threshold)))
      }
    }
  }

  private func made<Value>(_ value: (GroupSource.Making) -> Value?) -> [NamedValue<Value>] {
    groups.compactMap { source in value(source.making).map { NamedValue(source.name, $0) } }
  }

  /// Puts a way of making groups in the place of plain values.
  private mutating func put(_ source: GroupSource) {
    if let index = groups.firstIndex(where: { $0.name == source.name }) {
      groups[index] = source
    } else {
      groups.append(source)
    }
  }

  fileprivate var requirements: [GateDeclaration] {
    get { gates.filter { !$0.failsIfMet } }
    set { gates = newValue + prohibitions }
  }

  fileprivate var prohibitions: [GateDeclaration] {
    get { gates.filter(\.failsIfMet) }
    set { gates = requirements + newValue }
  }

  fileprivate var columnsOfPack: PackColumns? {
    get { packColumns.map { PackColumns($0.sex, $0.race) } }
    set { packColumns = newValue.map { ($0.sex, $0.race) } }
  }

  fileprivate var worstSliceDepth: Int? {
    get { worstSlices?.depth }
    set { worstSlices = newValue.map { WorstSlices(depth: $0) } }
  }
}

/// Columns that annotate groups by degree, and from where on a row is in a group.
private struct SoftGroups: Sendable, Hashable {
  var columns: [String]
  var threshold: Double

  init(_ columns: [String], _ threshold: Double) {
    self.columns = columns
    self.threshold = threshold
  }

  static let section = ConfigurationSection<SoftGroups>(
    defaults: SoftGroups([], 0.5),
    fields: [
      ConfigurationField(
        "columns", \.columns, .list(.text(.notEmpty), minimum: 1, maximum: 1000, distinct: true), required: true,
        "The columns, each the annotation of one group."),
      ConfigurationField(
        "threshold", \.threshold, .number(.finite), "Rows at or above it are in the group."),
    ])
}

/// The columns that Local Law 144 asks for.
private struct PackColumns: Sendable, Hashable {
  var sex: String
  var race: String

  init(_ sex: String, _ race: String) {
    self.sex = sex
    self.race = race
  }

  static let section = ConfigurationSection<PackColumns>(
    defaults: PackColumns("", ""),
    fields: [
      ConfigurationField("sex", \.sex, .text(.notEmpty), required: true, "The column of sex."),
      ConfigurationField("race", \.race, .text(.notEmpty), required: true, "The column of race or ethnicity."),
    ])
}

extension DomainWords {
  private typealias Field = ConfigurationField<DomainWords>

  fileprivate static let sample = DomainWords(
    rows: "applicants", positive: "repay the loan", negative: "do not repay the loan",
    selected: "are granted the loan", rejected: "are refused the loan")

  static let section = ConfigurationSection<DomainWords>(
    defaults: .plain,
    fields: [
      Field("rows", \.rows, .text(.notEmpty), required: true, "What a row is, in the plural."),
      Field("positive", \.positive, .text(.notEmpty), required: true, "What those with a positive label do or are."),
      Field("negative", \.negative, .text(.notEmpty), required: true, "What those with a negative label do or are."),
      Field("selected", \.selected, .text(.notEmpty), required: true, "What happens to those who are selected."),
      Field("rejected", \.rejected, .text(.notEmpty), required: true, "What happens to those who are not."),
    ])
}
