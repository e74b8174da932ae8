import OrderedJSON
import RunRecords

/// Where the results of a run come from: rows and configuration → encoder → model → predictions and evaluation, each
/// known by the SHA-256 of its bytes.
public struct RunLineage: Sendable, Equatable {
  /// What a run started from, went through or led to.
  public struct Artifact: Sendable, Equatable {
    /// By which edges name it: `data0`, `encoder`.
    public var id: String
    /// What it is: `data`, `configuration`, `run`, `encoder`, `model`, `predictions`, `evaluation`, `summary`.
    public var kind: String
    /// Its name: a file, an experiment.
    public var name: String
    /// The SHA-256 of its bytes in hexadecimal; nil where it has none, as simulated rows.
    public var sha256: String?
    /// What else is known of it, by name.
    public var details: [(key: String, value: String)] = []

    public static func == (one: Artifact, other: Artifact) -> Bool {
      one.id == other.id && one.kind == other.kind && one.name == other.name && one.sha256 == other.sha256
        && one.details.elementsEqual(other.details) { $0.key == $1.key && $0.value == $1.value }
    }
  }

  /// That one artifact went into another.
  public struct Step: Sendable, Equatable {
    public var from: String
    public var to: String
    /// What was done: `fitted on`, `trained by`.
    public var how: String
  }

  public var artifacts: [Artifact]
  public var steps: [Step]

  /// Reads the lineage off a run's folder; artifacts that it does not have yet are left out.
  ///
  /// - Throws: `RecordError` where the folder is none of a run, or damaged.
  public init(_ folder: RunFolder) throws(RecordError) {
    let configuration = ResolvedConfiguration(try folder.json("config.json"))
    let environment = try folder.environment()
    var artifacts: [Artifact] = []
    var steps: [Step] = []
    for (index, source) in environment.data.enumerated() {
      artifacts.append(Artifact(id: "data\(index)", kind: "data", name: source.name, sha256: source.sha256))
      steps.append(Step(from: "data\(index)", to: "run", how: "read"))
    }
    artifacts.append(
      Artifact(
        id: "configuration", kind: "configuration", name: "config.json",
        sha256: RunIdentity.sha256(of: try FileAccess.read(folder.file("config.json")))))
    steps.append(Step(from: "configuration", to: "run", how: "told"))
    let identity = RunIdentity(configuration: configuration.json, sources: environment.data)
    let who = [environment.user, environment.host].compactMap { $0 }.joined(separator: "@")
    artifacts.append(
      Artifact(
        id: "run", kind: "run", name: "\(configuration.name), seed \(configuration.seed)",
        details: [
          ("identity", identity.run), ("started", environment.started), ("by", who.isEmpty ? "unknown" : who),
          ("version", environment.version), ("commit", environment.commit ?? "unknown"),
          ("platform", environment.platform), ("kernels", environment.kernels),
        ]))
    if FileAccess.exists(folder.file("model/model.json")) {
      let description = try folder.json("model/model.json")
      if let encoder = description["encoder"] {
        artifacts.append(
          Artifact(id: "encoder", kind: "encoder", name: "model/model.json", sha256: RunIdentity.sha256(of: encoder)))
        steps.append(Step(from: "run", to: "encoder", how: "fitted on the training rows"))
        steps.append(Step(from: "encoder", to: "model", how: "encodes the rows of"))
      }
      artifacts.append(
        Artifact(
          id: "model", kind: "model", name: "model/weights.safetensors",
          sha256: RunIdentity.sha256(of: try FileAccess.read(folder.file("model/weights.safetensors")))))
      steps.append(Step(from: "run", to: "model", how: "trained"))
    }
    let results = [
      ("predictions", "predictions.csv", "model", "scored all rows"),
      ("evaluation", "evaluation.json", "model", "evaluated"), ("summary", "summary.json", "evaluation", "summed up"),
    ]
    for (kind, name, origin, how) in results where FileAccess.exists(folder.file(name)) {
      artifacts.append(
        Artifact(
          id: kind, kind: kind, name: name, sha256: RunIdentity.sha256(of: try FileAccess.read(folder.file(name)))))
      steps.append(Step(from: origin, to: kind, how: how))
    }
    self.artifacts = artifacts
    let known = Set(artifacts.map(\.id))
    self.steps = steps.filter { known.contains($0.from) && known.contains($0.to) }
  }

  /// The graph as JSON: `artifacts` and `steps`.
  public var json: JSON {
    [
      "artifacts": .array(
        artifacts.map { artifact in
          .object(
            [
              .init("id", .string(artifact.id)), .init("kind", .string(artifact.kind)),
              .init("name", .string(artifact.name)), .init("sha256", artifact.sha256.map(JSON.string) ?? .null),
            ] + artifact.details.map { .init($0.key, .string($0.value)) })
        }),
      "steps": .array(
        steps.map { ["from": .string($0.from), "to": .string($0.to), "how": .string($0.how)] }),
    ]
  }

  /// The graph as a Mermaid flow chart, as Markdown shows it.
  public var mermaid: String {
    var lines = ["flowchart LR"]
    for artifact in artifacts {
      let hash = artifact.sha256.map { ["SHA-256 \($0.prefix(12))…"] } ?? []
      let details = artifact.details.filter { ["started", "by", "version"].contains($0.key) }
        .map { "\($0.key) \($0.value)" }
      let text = ([artifact.kind, artifact.name] + hash + details).map(Self.escaped).joined(separator: "<br/>")
      lines.append("  \(artifact.id)[\"\(text)\"]")
    }
    for step in steps { lines.append("  \(step.from) -->|\(Self.escaped(step.how))| \(step.to)") }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Text in which nothing has a meaning for Mermaid or HTML.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "<", ">", "&", "#", "|", "[", "]", "{", "}", "`", "\\": result += "#\(scalar.value);"
      default:
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: result += " "
        default: result.unicodeScalars.append(scalar)
        }
      }
    }
    return result
  }
}
