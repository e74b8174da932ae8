import Auditing
import OrderedJSON

/// `audit.json`: what fresh adversaries read off a model, and what `equipoise audit --json` prints.
public struct AuditRecord: Sendable, Equatable {
  /// The version of the record's format.
  public static let format = 1

  /// The rows that were audited: the name of a split, or the path of a file.
  public var data: String

  /// What fresh adversaries read off the model.
  public var audit: AuditReport

  /// How well the features predict the sensitive attributes.
  public var proxies: ProxyReport

  /// What a reader of the results must know, in sentences.
  public var notices: [String]

  public init(data: String, audit: AuditReport, proxies: ProxyReport, notices: [String] = []) {
    self.data = data
    self.audit = audit
    self.proxies = proxies
    self.notices = notices
  }

  /// The record under the keys of `audit.json`.
  public var json: JSON {
    .object(
      [
        .init("format", .number(JSONNumber(Self.format))), .init("data", .string(data)),
        .init("notices", .array(notices.map(JSON.string))),
      ] + (audit.json.members ?? []) + [.init("proxies", proxies.json)])
  }

  /// Reads what `json` wrote.
  ///
  /// - Parameter place: The file, for messages.
  public init(_ json: JSON, at place: String) throws(RecordError) {
    let record = try RecordReading(json, at: place)
    guard try record.integer("format") <= Self.format else {
      throw RecordError(.badData, at: place, "was written by a newer version of Equipoise. Update the tool.")
    }
    self.init(
      data: try record.text("data"), audit: try AuditReport(record),
      proxies: try ProxyReport(record.object("proxies")),
      notices: try record.elements("notices").compactMap(\.text))
  }
}

extension RunFolder {
  /// The file of the audit.
  private static let auditName = "audit.json"

  /// Whether an audit is recorded.
  public var hasAudit: Bool { FileAccess.exists(file(Self.auditName)) }

  /// Writes `audit.json`.
  public func write(_ audit: AuditRecord) throws(RecordError) {
    try write(audit.json, to: Self.auditName)
  }

  /// Reads `audit.json`.
  public func audit() throws(RecordError) -> AuditRecord {
    try AuditRecord(json(Self.auditName), at: file(Self.auditName))
  }
}
