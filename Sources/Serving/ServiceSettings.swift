/// What a service allows, and what it watches.
public struct ServiceSettings: Sendable, Hashable {
  /// The sensitive columns whose groups are watched where rows bring them; none unless asked for.
  public var watched: [String]

  /// The most bytes of a request's body.
  public var largestBody: Int

  /// The most rows of a request.
  public var mostRows: Int

  /// How many predictions are remembered until their outcomes come; 0 for none.
  public var remembered: Int

  /// The rows of the recent past, on which recent rates rest.
  public var window: Int

  public init(
    watched: [String] = [], largestBody: Int = 1 << 20, mostRows: Int = 10_000, remembered: Int = 100_000,
    window: Int = 10_000
  ) {
    self.watched = watched
    self.largestBody = largestBody
    self.mostRows = mostRows
    self.remembered = remembered
    self.window = window
  }
}
