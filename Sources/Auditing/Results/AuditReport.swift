/// What fresh adversaries read off a model's outputs.
public struct AuditReport: Sendable, Hashable, Codable {
  /// The rows that were audited.
  public var rows: Int

  /// The rows that were given; more than `rows` where a sample was audited or rows weigh nothing.
  public var rowsGiven: Int

  /// The settings.
  public var settings: AuditSettings

  /// The sensitive attributes, in the order given.
  public var attributes: [AttributeAudit]

  public init(rows: Int, rowsGiven: Int, settings: AuditSettings, attributes: [AttributeAudit]) {
    self.rows = rows
    self.rowsGiven = rowsGiven
    self.settings = settings
    self.attributes = attributes
  }
}
