/// What fresh adversaries read of one sensitive attribute.
public struct AttributeAudit: Sendable, Hashable, Codable {
  /// A group and its rows.
  public struct Group: Sendable, Hashable, Codable {
    public var name: String
    public var rows: Int

    public init(name: String, rows: Int) {
      self.name = name
      self.rows = rows
    }
  }

  /// What the audit concludes.
  public enum Verdict: String, Sendable, Hashable, Codable {
    /// There is no result, for the reason given with it.
    case undetermined
    /// No adversary read the attribute, at the level of the settings.
    case notRead
    /// A fresh adversary read it; none did significantly better than the game's own where that could look, or nothing
    /// is known of the game's own.
    case read
    /// A fresh adversary read it off what the game's own adversary could see, and did significantly better.
    case weakAdversary
  }

  /// The attribute's name.
  public var name: String

  public var verdict: Verdict

  /// Why there is no result; nil where there is one.
  public var reason: String?

  /// The groups that have rows, in the order of their codes.
  public var groups: [Group]

  /// The audited rows whose group is missing; no adversary is trained or tested on them.
  public var missingRows: Int

  /// The ROC AUC of the game's own adversary on the audited rows; nil where nothing is known of it.
  public var gameAdversary: AreaEstimate?

  /// The fresh adversaries: view by view, and in each the families in the order of the settings.
  public var adversaries: [FreshAdversaryResult]

  public init(
    name: String, verdict: Verdict, reason: String?, groups: [Group], missingRows: Int, gameAdversary: AreaEstimate?,
    adversaries: [FreshAdversaryResult]
  ) {
    self.name = name
    self.verdict = verdict
    self.reason = reason
    self.groups = groups
    self.missingRows = missingRows
    self.gameAdversary = gameAdversary
    self.adversaries = adversaries
  }

  /// What can be read off one thing that the model gives away.
  public struct Reading: Sendable, Hashable {
    /// `prediction` for all views that the game's own adversary could see, and the name of each other view.
    public var source: String
    /// Whether some adversary read the attribute there, at the level of the settings.
    public var isRead: Bool
    /// The adversary with the smallest p-value there, and of these the one with the greatest area.
    public var strongest: FreshAdversaryResult

    public init(source: String, isRead: Bool, strongest: FreshAdversaryResult) {
      self.source = source
      self.isRead = isRead
      self.strongest = strongest
    }
  }

  /// What can be read off the prediction, apart from what can be read off the other views, such as the hidden layer.
  ///
  /// - Parameter level: The level that corrected p-values are held against.
  public func readings(level: Double) -> [Reading] {
    let sources = adversaries.map { $0.isSeenByGame ? Self.prediction : $0.view }
    var seen: Set<String> = []
    return sources.filter { seen.insert($0).inserted }.compactMap { source in
      let own = zip(adversaries, sources).filter { $0.1 == source }.map(\.0)
      return Self.strongest(of: own).map { strongest in
        Reading(
          source: source, isRead: own.contains { ($0.correctedPValue ?? 1) < level }, strongest: strongest)
      }
    }
  }

  /// The source of all views that the game's own adversary could see.
  public static let prediction = "prediction"

  /// The adversary with the smallest p-value, and of these the one with the greatest area; nil without results.
  public var strongest: FreshAdversaryResult? { Self.strongest(of: adversaries) }

  private static func strongest(of adversaries: [FreshAdversaryResult]) -> FreshAdversaryResult? {
    adversaries.filter { $0.sameAs == nil && $0.pValue != nil }.max { a, b in
      let (p, q) = (a.pValue ?? 1, b.pValue ?? 1)
      return p != q ? p > q : (a.area.value ?? 0) < (b.area.value ?? 0)
    }
  }
}
