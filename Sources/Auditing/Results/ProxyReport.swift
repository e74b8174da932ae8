/// How well features predict the sensitive attributes.
public struct ProxyReport: Sendable, Hashable, Codable {
  /// One original column.
  public struct Feature: Sendable, Hashable, Codable {
    public var name: String

    /// The number of features that it became.
    public var columns: Int

    /// How well it predicts the attribute alone.
    public var area: AreaEstimate

    public init(name: String, columns: Int, area: AreaEstimate) {
      self.name = name
      self.columns = columns
      self.area = area
    }
  }

  /// What is known of one attribute.
  public struct Attribute: Sendable, Hashable, Codable {
    public var name: String

    /// How well all features together predict it.
    public var together: AreaEstimate

    /// The original columns, the best predictor first, those without an area last.
    public var features: [Feature]

    public init(name: String, together: AreaEstimate, features: [Feature]) {
      self.name = name
      self.together = together
      self.features = features
    }
  }

  /// The rows that were audited.
  public var rows: Int

  /// The family of adversaries that read the features.
  public var family: String

  public var attributes: [Attribute]

  public init(rows: Int, family: String, attributes: [Attribute]) {
    self.rows = rows
    self.family = family
    self.attributes = attributes
  }
}
