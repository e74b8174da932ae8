import ArgumentParser
import FairnessEvaluation
import FairnessMetrics
import MetricExpressions
import OrderedJSON
import Reporting
import RunRecords
import TabularData
import Wording

extension PredictionsFormat: ExpressibleByArgument {}

/// Which data are judged, and what their columns are.
struct EvaluationDataOptions: ParsableArguments {
  @Option(help: "The file of predictions; .gz is unzipped.", completion: .file())
  var predictions: String?

  @Option(help: "The folder of a run, whose model scores the rows of --data.", completion: .directory)
  var model: String?

  @Option(help: "A CSV file to score with --model, with label and groups.", completion: .file())
  var data: String?

  @Option(help: ArgumentHelp("The names of the columns where a CSV file has no header line.", valueName: "a,b,c"))
  var columns: String?

  @Option(help: "A results file made with --json, or by a run, to be shown again.", completion: .file())
  var results: String?

  @Option(help: "With the evaluation.json of a run as --results: which rows, train, validation or test.")
  var split: String?

  @Option(help: "An evaluation file in JSON; options take the place of its keys.", completion: .file())
  var spec: String?

  @Option(help: "The format: csv, jsonl or tfrecord; otherwise the file's name tells.")
  var format: PredictionsFormat?

  @Option(help: "The character between the cells of a CSV file.")
  var separator: String?

  @Option(help: "The column of the label; of a regression, of the true number.")
  var label: String?

  @Option(help: ArgumentHelp("A value of the label that is positive, where it is not 0 or 1; may be repeated."))
  var positive: [String] = []

  @Option(help: "Columns of scores, one for each model, separated by commas.")
  var score: String?

  @Option(help: "Columns of decisions, in the place of scores.")
  var decision: String?

  @Option(help: ArgumentHelp("The score of each class, judged one against the rest.", valueName: "class=column,…"))
  var classes: String?

  @Option(help: ArgumentHelp("A column of predicted classes, and the classes to judge.", valueName: "column:class,…"))
  var predictedClass: String?

  @Flag(help: "The label and the scores are numbers: judge their errors.")
  var regression = false

  @Flag(help: "The scores are log odds.")
  var logits = false

  @Option(help: ArgumentHelp("The range of scores that are no probabilities.", valueName: "low,high"))
  var scoreRange: String?

  @Option(help: "The column of row weights.")
  var weights: String?

  @Option(help: "A cell that counts as missing, beside empty ones and '?'; may be repeated.")
  var missing: [String] = []

  var csvFormat: CSVFormat { CSVFormat(separator: separator ?? ",", columnNames: columnNames) }

  var columnNames: [String]? {
    columns.map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
  }

  /// Refuses options that say where the rows come from twice.
  func checkSources() throws(EvaluationError) {
    let given = [("--predictions", predictions), ("--model", model), ("--results", results)].filter { $0.1 != nil }
      .map(\.0)
    guard given.count == 1 else {
      if given.isEmpty {
        throw EvaluationError(
          .usage, "name what to judge: --predictions FILE, --model RUN with --data FILE, or --results FILE.")
      }
      throw EvaluationError(.usage, at: given.joined(separator: " and "), "exclude each other. Give one of them.")
    }
    guard (model == nil) == (data == nil) else {
      throw EvaluationError(.usage, at: model == nil ? "--data" : "--model", "needs --model RUN and --data FILE both.")
    }
    if model != nil, score != nil || decision != nil || classes != nil || predictedClass != nil || regression {
      throw EvaluationError(.usage, at: "--model", "gives the scores itself. Name no columns of predictions.")
    }
  }

  func apply(to specification: inout EvaluationSpecification) throws {
    if let label { specification.label = label }
    if !positive.isEmpty { specification.positive = positive }
    specification.missingMarkers += missing
    if let weights { specification.weights = weights }
    let given = [
      ("--score", score), ("--decision", decision), ("--classes", classes), ("--predicted-class", predictedClass),
    ]
    .filter { $0.1 != nil }.map(\.0)
    if given.count > 1 {
      throw EvaluationError(.usage, at: given.joined(separator: " and "), "exclude each other. Give one of them.")
    }
    if let score {
      let columns = Self.list(score)
      specification.predictions = regression ? .numbers(columns) : .scores(columns)
    } else if regression {
      throw EvaluationError(.usage, at: "--regression", "needs the columns of predicted numbers: --score COLUMN.")
    }
    if let decision { specification.predictions = .decisions(Self.list(decision)) }
    if let classes {
      specification.predictions = .classScores(
        try Self.list(classes).map { part in
          let sides = part.split(separator: "=", maxSplits: 1).map(String.init)
          guard sides.count == 2 else {
            throw EvaluationError(.usage, at: "--classes \(classes)", "should read class=column, class=column.")
          }
          return .init(sides[0], column: sides[1])
        })
    }
    if let predictedClass {
      let sides = predictedClass.split(separator: ":", maxSplits: 1).map(String.init)
      guard sides.count == 2 else {
        throw EvaluationError(
          .usage, at: "--predicted-class \(predictedClass)", "should read column:class,class with the classes to judge."
        )
      }
      specification.predictions = .classNames(column: sides[0], classes: Self.list(sides[1]))
    }
    if logits && scoreRange != nil {
      throw EvaluationError(.usage, at: "--logits and --score-range", "exclude each other. Give one of them.")
    }
    if logits { specification.scale = .logits }
    if let scoreRange {
      let ends = Self.list(scoreRange).map { Double($0) }
      guard ends.count == 2, let low = ends[0], let high = ends[1] else {
        throw EvaluationError(.usage, at: "--score-range \(scoreRange)", "should be two numbers, such as 1,10.")
      }
      specification.scale = .range(low, high)
    }
  }

  static func list(_ text: String) -> [String] {
    text.split(separator: ",").map { part in
      String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }.filter { !$0.isEmpty }
  }
}

/// Which slices are judged.
struct EvaluationSlicingOptions: ParsableArguments {
  @Option(help: "Columns to slice by, separated by commas; alone and in pairs.")
  var groups: String?

  @Option(help: "Columns whose combinations are slices, such as sex,race; may be repeated, in the place of the usual.")
  var slices: [String] = []

  @Option(help: ArgumentHelp("A column of numbers to slice by, cut.", valueName: "age:18,65"))
  var bins: [String] = []

  @Option(help: ArgumentHelp("A column whose cells hold several groups.", valueName: "column[:separator]"))
  var multiValued: [String] = []

  @Option(help: ArgumentHelp("Columns that annotate groups by degree.", valueName: "[name=]column,…[:threshold]"))
  var soft: [String] = []

  @Option(
    help: ArgumentHelp("Search combinations of up to this many columns for slices treated worst.", valueName: "depth"))
  var worstSlices: Int?

  func apply(to specification: inout EvaluationSpecification) throws {
    var made: [GroupSource] = []
    for text in bins { made.append(try GroupSource(bins: text)) }
    for text in multiValued { made.append(try GroupSource(multiValued: text)) }
    for text in soft { made.append(try GroupSource(soft: text)) }
    // A column that is also cut or split is not sliced by its plain values; the order is that of --groups.
    var sources = EvaluationDataOptions.list(groups ?? "").map { name in
      made.first { $0.name == name } ?? GroupSource(name)
    }
    for source in made where !sources.contains(source) { sources.append(source) }
    if !sources.isEmpty { specification.groups = sources }
    if !slices.isEmpty { specification.slices = slices.map(EvaluationDataOptions.list) }
    if let worstSlices {
      specification.worstSlices = .init(depth: worstSlices)
    }
  }
}

/// Which statistics are computed, and what is demanded of them.
struct EvaluationStatisticsOptions: ParsableArguments {
  @Option(help: "Decision thresholds, separated by commas; gates use the first. Otherwise 0.5.")
  var thresholds: String?

  @Option(help: "The metrics that tables show, separated by commas, such as fpr,selection_rate,auc.")
  var metrics: String?

  @Option(help: "Fail where this condition on metrics holds; may be repeated.")
  var failIf: [String] = []

  @Option(help: "Fail where this condition on metrics does not hold; may be repeated.")
  var require: [String] = []

  @Option(
    help: ArgumentHelp(
      "Legal tables: four-fifths, or nyc-ll144[:sex,race]; the latter keeps all rows in memory.",
      valueName: "name"))
  var pack: [String] = []

  @Option(
    help: ArgumentHelp(
      "Compare models where they are equal in this over all rows: fpr, selection, or cost:FALSE-POSITIVE,FALSE-NEGATIVE. "
        + "Keeps all rows in memory, as many as --exact-rows allows.",
      valueName: "what"))
  var compare: String?

  @Flag(inversion: .prefixedNo, help: "Whether to compute intervals and tests.")
  var intervals = true

  @Option(help: "The confidence of intervals.")
  var confidence: Double?

  @Option(help: "The draws of the bootstrap.")
  var draws: Int?

  @Option(help: "The seed of the bootstrap.")
  var seed: Int?

  @Option(help: "The number of rows below which a slice is called tiny.")
  var minimumRows: Int?

  @Option(help: "The most rows that are kept in memory for exact ranks.")
  var exactRows: Int?

  @Flag(help: "Keep no rows in memory: as --exact-rows 0.")
  var stream = false

  func apply(to specification: inout EvaluationSpecification) throws {
    if let thresholds {
      let numbers = EvaluationDataOptions.list(thresholds).map { Double($0) }
      guard !numbers.contains(nil) else {
        throw EvaluationError(.usage, at: "--thresholds \(thresholds)", "should be numbers, such as 0.1,0.5.")
      }
      specification.thresholds = numbers.compactMap { $0 }
      if !specification.hasScores {
        throw EvaluationError(.usage, at: "--thresholds", "has no meaning without scores. Remove it.")
      }
    }
    if let metrics {
      specification.metrics = try EvaluationDataOptions.list(metrics).map { name in
        guard let metric = MetricName(name) else {
          let nearest = NearestName.find(name, among: MetricName.suggestions).map { "Did you mean \($0)?" }
          throw EvaluationError(
            .usage, at: "--metrics", "there is no metric '\(name)'. \(nearest ?? "Metrics are, for example, fpr, auc.")"
          )
        }
        return metric
      }
    }
    for text in failIf { specification.gates.append(try gate(text, "--fail-if")) }
    for text in require { specification.gates.append(try gate(text, "--require")) }
    for text in pack { try addPack(text, &specification) }
    if let compare { specification.comparison = try Self.comparison(compare) }
    specification.intervals = intervals
    if let confidence { specification.confidence = confidence }
    if let draws { specification.draws = draws }
    if let seed { specification.seed = seed }
    if let minimumRows { specification.minimumRows = minimumRows }
    if stream && exactRows != nil {
      throw EvaluationError(.usage, at: "--stream and --exact-rows", "exclude each other. Give one of them.")
    }
    if let exactRows {
      guard exactRows >= 0 else {
        throw EvaluationError(.usage, at: "--exact-rows", "should not be negative, found \(exactRows).")
      }
      specification.exactRows = exactRows
    }
    if stream { specification.exactRows = 0 }
  }

  private func gate(
    _ text: String, _ option: String
  ) throws(EvaluationError) -> EvaluationSpecification.GateDeclaration {
    do throws(EvaluationError) {
      return try EvaluationSpecification.GateDeclaration(text, failsIfMet: option == "--fail-if")
    } catch {
      throw EvaluationError(.usage, at: option, error.message, detail: error.detail)
    }
  }

  private func addPack(_ text: String, _ specification: inout EvaluationSpecification) throws(EvaluationError) {
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    guard let name = parts.first, let pack = EvaluationSpecification.Pack(rawValue: name) else {
      let names = EvaluationSpecification.Pack.allCases.map(\.rawValue)
      let nearest = NearestName.find(parts.first ?? "", among: names).map { "Did you mean \($0)?" }
      throw EvaluationError(
        .usage, at: "--pack \(text)",
        "there is no such pack. \(nearest ?? "Packs are \(names.joined(separator: ", ")).")")
    }
    specification.packs.append(pack)
    guard parts.count == 2 else { return }
    let columns = EvaluationDataOptions.list(parts[1])
    guard pack == .newYorkLocalLaw144, columns.count == 2 else {
      throw EvaluationError(.usage, at: "--pack \(text)", "takes columns only as nyc-ll144:sex,race.")
    }
    specification.packColumns = (columns[0], columns[1])
  }

  private static func comparison(_ text: String) throws(EvaluationError) -> ModelComparison.Condition {
    switch text {
    case "fpr": return .falsePositiveRate
    case "selection": return .selectionRate
    default:
      let costs = EvaluationDataOptions.list(String(text.dropFirst(5))).map { Double($0) }
      guard text.hasPrefix("cost:"), costs.count == 2, let positive = costs[0], let negative = costs[1],
        positive >= 0, negative >= 0, positive + negative > 0, (positive + negative).isFinite
      else {
        throw EvaluationError(
          .usage, at: "--compare \(text)", "should be fpr, selection, or cost:1,5 with the costs of the two errors.")
      }
      return .cost(falsePositive: positive, falseNegative: negative)
    }
  }
}

/// How the result is shown.
struct EvaluationRenderingOptions: ParsableArguments {
  @Flag(help: "Print the results as JSON, from which they can be shown again with --results.")
  var json = false

  @Flag(help: "Print the results as CSV.")
  var csv = false

  @Flag(help: "Print the results as Markdown.")
  var markdown = false

  @Option(help: "Write to this file instead of standard output.", completion: .file())
  var output: String?

  func validateOptions() throws(EvaluationError) {
    let given = [("--json", json), ("--csv", csv), ("--markdown", markdown)].filter(\.1).map(\.0)
    if given.count > 1 {
      throw EvaluationError(.usage, at: given.joined(separator: " and "), "exclude each other. Give one of them.")
    }
  }

  func show(_ report: EvaluationReport) throws {
    let text =
      json
      ? report.json.serialized()
      : csv ? EvaluationCSV(report).text : markdown ? EvaluationMarkdown(report).text : EvaluationText(report).text
    if let output { try FileAccess.write(text.utf8, to: output) } else { Console.write(text) }
  }
}
