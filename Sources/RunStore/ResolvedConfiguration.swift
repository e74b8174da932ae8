import OrderedJSON

/// The configuration of a run as it stands in its folder, every default spelled out.
public struct ResolvedConfiguration: Sendable, Equatable {
  public let json: JSON

  public init(_ json: JSON) { self.json = json }

  /// The name of the experiment; empty where it has none.
  public var name: String { json["name"]?.text ?? "" }

  public var seed: Int { json["seed"]?.integer ?? 0 }

  /// The values by the keys that lead to them, as `--set` names them; a list of plain values is one value.
  ///
  /// Neither the seed nor the places of records and cache nor how often there are checkpoints are among them: the first
  /// tells runs of one configuration apart, and on the others no result depends.
  public var parameters: [(key: String, value: JSON)] {
    json.leaves.filter {
      !["seed", "output.directory", "output.checkpointEveryEpochs", "data.cache"].contains($0.key)
    }
  }
}
