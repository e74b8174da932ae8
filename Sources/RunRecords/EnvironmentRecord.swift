import OrderedJSON

/// `environment.json`: with what a run was made, so that a different result can be explained.
public struct EnvironmentRecord: Sendable, Equatable {
  /// A source of rows, and the fingerprint of what was read.
  public struct Source: Sendable, Equatable {
    /// The file as the configuration names it, or the simulator.
    public var name: String
    /// The SHA-256 of the bytes in hexadecimal, or nil where there is no file.
    public var sha256: String?

    public init(_ name: String, sha256: String?) {
      self.name = name
      self.sha256 = sha256
    }
  }

  /// How the rows were held where the memory was limited.
  public struct Memory: Sendable, Equatable {
    /// The bytes that the run was to take up at most.
    public var budget: Int
    /// The key of the prepared rows in the cache from which they were mapped; nil where they were in memory.
    public var cacheKey: String?
    /// The rows that were shuffled together, and those of a block; nil where all were in memory.
    public var windowRows: Int?
    public var blockRows: Int?

    public init(budget: Int, cacheKey: String?, windowRows: Int?, blockRows: Int?) {
      self.budget = budget
      self.cacheKey = cacheKey
      self.windowRows = windowRows
      self.blockRows = blockRows
    }

    fileprivate var json: JSON {
      [
        "budget": .number(JSONNumber(budget)), "mode": .string(cacheKey == nil ? "resident" : "mapped"),
        "cacheKey": cacheKey.map(JSON.string) ?? .null,
        "windowRows": windowRows.map { .number(JSONNumber($0)) } ?? .null,
        "blockRows": blockRows.map { .number(JSONNumber($0)) } ?? .null,
      ]
    }

    fileprivate init(_ record: RecordReading) throws(RecordError) {
      budget = try record.integer("budget")
      cacheKey = try record.optionalText("cacheKey")
      windowRows = cacheKey == nil ? nil : try record.integer("windowRows")
      blockRows = cacheKey == nil ? nil : try record.integer("blockRows")
    }
  }

  /// The version of Equipoise.
  public var version: String

  /// The commit it was built from, where known.
  public var commit: String?

  /// The operating system and the architecture: `Linux 6.1 x86_64`.
  public var platform: String

  /// The number of processor cores that the process may use.
  public var cores: Int

  /// The kind of processor for which OpenBLAS chose its kernels.
  public var blasCore: String

  /// The number of threads of OpenBLAS.
  public var blasThreads: Int

  /// The variant of the element-wise kernels: `plain`, `avx2`, `avx512`.
  public var kernels: String

  /// The folder of the configuration, at which the relative paths in it start.
  public var configurationFolder: String

  /// When the run started, in UTC: `2026-01-31T12:00:00Z`.
  public var started: String

  /// The name of the machine; nil where it is not known.
  public var host: String?

  /// Who started the run; nil where that is not known.
  public var user: String?

  /// The sources of the rows.
  public var data: [Source]

  /// How the rows were held; nil where the memory was not limited.
  public var memory: Memory?

  public init(
    version: String, commit: String?, platform: String, cores: Int, blasCore: String, blasThreads: Int,
    kernels: String, configurationFolder: String, started: String, host: String? = nil, user: String? = nil,
    data: [Source],
    memory: Memory? = nil
  ) {
    self.host = host
    self.user = user
    self.version = version
    self.commit = commit
    self.platform = platform
    self.cores = cores
    self.blasCore = blasCore
    self.blasThreads = blasThreads
    self.kernels = kernels
    self.configurationFolder = configurationFolder
    self.started = started
    self.data = data
    self.memory = memory
  }

  /// The record under the keys of `environment.json`.
  public var json: JSON {
    [
      "version": .string(version), "commit": commit.map(JSON.string) ?? .null, "platform": .string(platform),
      "cores": .number(JSONNumber(cores)),
      "blas": ["core": .string(blasCore), "threads": .number(JSONNumber(blasThreads))], "kernels": .string(kernels),
      "configurationFolder": .string(configurationFolder), "started": .string(started),
      "host": host.map(JSON.string) ?? .null, "user": user.map(JSON.string) ?? .null,
      "data": .array(
        data.map { ["name": .string($0.name), "sha256": $0.sha256.map(JSON.string) ?? .null] }),
      "memory": memory?.json ?? .null,
    ]
  }

  /// Reads what `json` wrote.
  ///
  /// - Parameter place: The file, for messages.
  public init(_ json: JSON, at place: String) throws(RecordError) {
    let record = try RecordReading(json, at: place)
    let blas = try record.object("blas")
    var data: [Source] = []
    for (index, source) in try record.elements("data").enumerated() {
      let source = try RecordReading(source, at: place, keys: ["data", String(index)])
      data.append(Source(try source.text("name"), sha256: try source.optionalText("sha256")))
    }
    var memory: Memory?
    // Runs from before the key have none.
    if let member = json["memory"], member != .null { memory = try Memory(record.object("memory")) }
    self.init(
      version: try record.text("version"), commit: try record.optionalText("commit"),
      platform: try record.text("platform"), cores: try record.integer("cores"), blasCore: try blas.text("core"),
      blasThreads: try blas.integer("threads"), kernels: try record.text("kernels"),
      configurationFolder: try record.text("configurationFolder"), started: try record.text("started"),
      host: record.contains("host") ? try record.optionalText("host") : nil,
      user: record.contains("user") ? try record.optionalText("user") : nil, data: data, memory: memory)
  }
}
