import ArgumentParser
import Experiments
import FairnessEvaluation
import FairnessMetrics
import OrderedJSON
import Reporting
import RunRecords
import TabularData

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
      try rendering.validateOptions()
      try data.checkSources()
      let report: EvaluationReport
      if let results = data.results {
        try refuseWorkOnResults()
        (report, verdict) = try read(results)
      } else {
        report = try evaluate()
        verdict = report.verdict
      }
      try rendering.show(report)
    }
    try endWithStatus(of: verdict)
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

  /// Reads a results file that an earlier evaluation wrote, or a run; with it the verdict of its gates.
  private func read(_ path: String) throws -> (EvaluationReport, Verdict?) {
    let bytes = try FileAccess.read(path, limit: 1 << 30)
    let json: JSON
    do throws(JSONError) {
      json = try JSONReader.read(bytes, source: path).value
    } catch {
      throw EvaluationError(.badData, at: "\(error.place)", error.message)
    }
    guard RunEvaluation.isMeant(by: json) else {
      if data.split != nil {
        throw EvaluationError(.usage, at: "--split", "has a meaning only for the evaluation.json of a run. Remove it.")
      }
      let report = try EvaluationReport(json, file: path)
      return (report, report.verdict)
    }
    let run = try RunEvaluation(json, file: path)
    let wanted = data.split ?? run.judged?.name
    guard let split = run.splits.first(where: { $0.name == wanted }) else {
      throw EvaluationError(
        .usage, at: "--split \(wanted ?? "")",
        "is no part of the run. Its parts are \(run.splits.map(\.name).joined(separator: ", ")).")
    }
    return (split.report, run[split.name]?.gates.verdict)
  }

  private func evaluate() throws -> EvaluationReport {
    var specification =
      try data.spec.map {
        try EvaluationFile(path: $0).specification
      } ?? EvaluationSpecification()
    try data.apply(to: &specification)
    try slicing.apply(to: &specification)
    try statistics.apply(to: &specification)
    if let run = data.model, let path = data.data {
      let predictor = try Predictor(run: run)
      try predictor.requireBinaryLabel(
        because: "an evaluation by the model reads scores in 0...1",
        remedy: "Write its predictions with equipoise predict, join them to the labels, and evaluate that file with "
          + "--predictions.")
      let predictions = try predictor.predict(path, csv: data.csvFormat, missing: data.missing)
      for warning in predictions.warnings { Console.note("Note: \(TerminalText.neutralized("\(warning)"))") }
      let score = specification.freeColumn("score")
      specification.predictions = .scores([score])
      // What counts as missing for the model makes no group of its own here.
      specification.missingMarkers += predictor.model.schema.missingMarkers.filter {
        !specification.missingMarkers.contains($0)
      }
      if statistics.thresholds == nil && data.spec == nil { specification.thresholds = [predictor.model.threshold] }
      var format = data.csvFormat
      format.comment = "|"  // As the predictor reads it.
      return try EvaluationRunner(specification).evaluate(
        path, format: .csv, csv: format,
        supplied: SuppliedColumn(score, values: predictions.scores.map(Double.init)))
    }
    return try EvaluationRunner(specification).evaluate(
      data.predictions ?? "", format: data.format, csv: data.csvFormat)
  }
}
