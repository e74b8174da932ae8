import RunRecords
import RunStore

/// Whether a run goes on where an unfinished one was.
public enum Resumption: Sendable, Equatable {
  /// It begins anew.
  case never
  /// It goes on with the newest unfinished run of the same configuration and rows in the output folder, if there is one.
  case newest
  /// The same among these folders, which begin at the output folder; the first that can be used.
  case among([String])
}

extension Resumption {
  /// An unfinished run, locked for whoever found it.
  struct Found {
    var folder: RunFolder
    var lock: FileLock
  }

  /// Finds the run to go on with.
  ///
  /// One that another process is at work on is none.
  ///
  /// - Parameters:
  ///   - output: The folder of the runs.
  ///   - name: The name of the experiment.
  ///   - sources: The rows of the run that is to go on.
  func find(
    in output: String, name: String, identity: RunIdentity, sources: [EnvironmentRecord.Source]
  ) -> Found? {
    if self == .newest { RunFolder.removeDrafts(in: "\(output)/\(name)") }
    for path in candidates(in: output, name: name) {
      guard let folder = try? RunFolder(existing: path), !folder.isComplete,
        let configuration = try? folder.json("config.json")
      else { continue }
      // One that was killed before it had told of its rows had done nothing with them.
      let isNew = !FileAccess.exists(folder.file("environment.json"))
      guard let rows = isNew ? sources : try? folder.environment().data,
        RunIdentity(configuration: configuration, sources: rows).run == identity.run
      else { continue }
      // Between the look and the lock it may have come to its end.
      if let lock = try? FileLock.onExisting(folder.file("config.json")), !folder.isComplete {
        return Found(folder: folder, lock: lock)
      }
    }
    return nil
  }

  private func candidates(in output: String, name: String) -> [String] {
    switch self {
    case .never: return []
    case .among(let paths): return paths.map { "\(output)/\($0)" }
    case .newest:
      // The names begin with the time.
      let names = (try? FileAccess.names(in: "\(output)/\(name)")) ?? []
      return names.reversed().filter { !$0.hasPrefix(".") }.map { "\(output)/\(name)/\($0)" }.filter {
        FileAccess.isPlainFile("\($0)/config.json") && !FileAccess.exists("\($0)/summary.json")
      }
    }
  }
}
