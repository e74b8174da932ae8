import ArgumentParser
import Experiments
import FairnessEvaluation
import FairnessMetrics
import OrderedJSON
import Reporting
import RunRecords
import TabularData

extension EvaluationError: ExitStatusError {}
extension ReportError: ExitStatusError {}

/// `equipoise evaluate`: how a classifier, ours or not, treats groups.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Judge any model from a file of labels, predictions and groups.",
    discussion: """
      Every number comes with its rows and an interval. Gates set the exit status: 0 all passed, 1 one failed, 3 the \
      data cannot tell. A condition names metrics of rows or groups:

        p_percent_rule(sex) >= 0.8
        fpr(sex = Female at 0.3) <= 0.05
        abs(fpr(race = Black) - fpr(overall)) <= 0.02
      """)

  @OptionGroup var data: EvaluationDataOptions
  @OptionGroup var slicing: EvaluationSlicingOptions
  @OptionGroup var statistics: EvaluationStatisticsOptions
  @OptionGroup var rendering: EvaluationRenderingOptions

  func run() throws {
    var verdict: Verdict?
    try exitingOnFailure {
      do {
        try rendering.validateOptions()
        try data.checkSources()
        if data.results != nil { try refuseWorkOnResults() }
        let report = try data.results.map { try Self.read($0) } ?? evaluate()
        try rendering.show(report)
        verdict = report.verdict
      } catch let error as EvaluationError where !error.detail.isEmpty {
        Console.note("equipoise: \(TerminalText.neutralized("\(error)"))")
        for line in error.detail { Console.note(TerminalText.neutralized(line)) }
        throw ExitCode(error.exitStatus)
      }
    }
    switch verdict {
    case nil, .pass: break
    case .fail: throw ExitCode(1)
    case .insufficientEvidence: throw ExitCode(3)
    }
  }

  /// Refuses options that a results file cannot follow any more, so that no gate is passed over in silence.
  private func refuseWorkOnResults() throws(EvaluationError) {
    let given: [(String, Bool)] = [
      ("--spec", data.spec != nil), ("--label", data.label != nil), ("--score", data.score != nil),
      ("--groups", slicing.groups != nil), ("--slices", !slicing.slices.isEmpty),
      ("--thresholds", statistics.thresholds != nil), ("--metrics", statistics.metrics != nil),
      ("--fail-if", !statistics.failIf.isEmpty), ("--require", !statistics.require.isEmpty),
      ("--pack", !statistics.pack.isEmpty), ("--compare", statistics.compare != nil),
      ("--worst-slices", slicing.worstSlices != nil),
    ]
    if let option = given.first(where: \.1)?.0 {
      throw EvaluationError(
        .usage, at: option, "has no effect on --results, which were computed before. Evaluate the predictions again.")
    }
  }

  /// Reads a results file that an earlier evaluation wrote.
  private static func read(_ path: String) throws -> EvaluationReport {
    let bytes = try FileAccess.read(path, limit: 1 << 30)
    do {
      return try EvaluationReport(JSONReader.read(bytes, source: path).value, file: path)
    } catch let error as JSONError {
      throw EvaluationError(.badData, at: "\(error.place)", error.message)
    }
  }

  private func evaluate() throws -> EvaluationReport {
    var specification =
      try data.spec.map {
        try EvaluationSpecification(file: FileAccess.read($0, limit: 4 << 20), source: $0)
      } ?? EvaluationSpecification()
    try data.apply(to: &specification)
    try slicing.apply(to: &specification)
    try statistics.apply(to: &specification)
    if let run = data.model, let path = data.data {
      let predictor = try Predictor(run: run)
      let predictions = try predictor.predict(path, columnNames: data.columnNames)
      for warning in predictions.warnings { Console.note("Note: \(TerminalText.neutralized("\(warning)"))") }
      specification.predictions = .scores([Self.suppliedScore])
      if statistics.thresholds == nil && data.spec == nil { specification.thresholds = [predictor.model.threshold] }
      var format = data.csvFormat
      format.comment = "|"  // As the predictor reads it.
      return try EvaluationRunner(specification).evaluate(
        path, format: .csv, csv: format,
        supplied: SuppliedColumn(Self.suppliedScore, values: predictions.scores.map(Double.init)))
    }
    return try EvaluationRunner(specification).evaluate(
      data.predictions ?? "", format: data.format, csv: data.csvFormat)
  }

  /// The name of the scores that a model gives.
  private static let suppliedScore = "score"
}
