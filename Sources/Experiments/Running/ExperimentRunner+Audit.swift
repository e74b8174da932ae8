import Auditing
import ModelFiles
import RunRecords
import TabularData

extension ExperimentRunner {
  /// The audit on rows that were not trained on; nil where none is wanted or possible, with the reason in a notice.
  ///
  /// - Parameter evaluations: Of the model, which tell how the game's own adversary does.
  func audit(
    _ model: SavedModel, _ evaluations: [RunRecords.SplitEvaluation]?, _ splits: [(String, Dataset)], isMapped: Bool,
    _ onEvent: (Event) -> Void, _ notices: inout [String]
  ) throws -> AuditRecord? {
    guard configuration.audit.enabled == true else { return nil }
    var reason: String?
    if splits.count < 2 { reason = "all rows were trained on" }
    if splits[0].1.sensitive.isEmpty { reason = "there is no sensitive attribute" }
    if isMapped { reason = "the rows exceed the memory. Audit the run with equipoise audit where there is more" }
    if let reason {
      notices.append("The audit was left out: \(reason).")
      onEvent(.notice(notices[notices.count - 1]))
      return nil
    }
    onEvent(.stage("audit"))
    let (name, rows) = splits[splits.count - 1]
    let evaluation = evaluations?.first { $0.name.rawValue == name }?.evaluation
    let audit = RunAuditor.audit(
      model, on: rows, named: name, evaluation: evaluation, settings: configuration.auditSettings,
      threads: evaluatesInParallel ? nil : 1)
    if isCancelled() { throw RunInterrupted() }
    return audit
  }
}
