import Crypto
import OrderedJSON
import RunRecords

/// By what a run is known: two runs of one identity were told the same and saw the same rows.
public struct RunIdentity: Sendable, Hashable {
  /// SHA-256 of the resolved configuration and of the fingerprints of the rows, in hexadecimal.
  public let run: String

  /// SHA-256 of the resolved configuration without its seed and of the files of the rows: what the runs over several
  /// seeds have in common. A simulator's rows follow from the seed.
  public let configuration: String

  /// SHA-256 of the fingerprints of the rows.
  public let data: String

  /// - Parameters:
  ///   - configuration: The resolved configuration. The folder of the records, that of the cache and how often there
  ///     are checkpoints do not count, for no result depends on them.
  ///   - sources: The rows, as `environment.json` lists them. Of a file only its SHA-256 counts, of a simulator its name.
  public init(configuration: JSON, sources: [EnvironmentRecord.Source]) {
    let told = configuration.removing(["output", "directory"]).removing(["output", "checkpointEveryEpochs"])
      .removing(["data", "cache"])
    let rows = JSON.array(sources.map { .string($0.sha256 ?? $0.name) })
    run = Self.sha256(of: ["configuration": told, "data": rows])
    let files = JSON.array(sources.compactMap { $0.sha256.map(JSON.string) })
    self.configuration = Self.sha256(of: ["configuration": told.removing(["seed"]), "data": files])
    data = Self.sha256(of: rows)
  }

  /// An identity that was computed before.
  init(run: String, configuration: String, data: String) {
    self.run = run
    self.configuration = configuration
    self.data = data
  }

  /// The SHA-256 of a value's compact text.
  package static func sha256(of json: JSON) -> String { sha256(of: Array(json.serialized(.compact).utf8)) }

  /// The SHA-256 of bytes, in small hexadecimal digits.
  package static func sha256(of bytes: [UInt8]) -> String {
    SHA256.hash(data: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

extension JSON {
  /// The value without the member to which the keys lead.
  fileprivate func removing(_ keys: [String]) -> JSON { removing(keys[...]) }

  private func removing(_ keys: ArraySlice<String>) -> JSON {
    guard let key = keys.first, case .object(let members) = self else { return self }
    return .object(
      members.compactMap { member in
        guard member.key == key else { return member }
        return keys.count == 1 ? nil : Member(key, member.value.removing(keys.dropFirst()))
      })
  }
}
