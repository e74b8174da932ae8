import FairnessEvaluation
import FairnessMetrics
import LinearAlgebra
import ModelFiles
import RunRecords
import RunStore
import TabularData

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The records at the end of a run.
extension ExperimentRunner {
  func savedModel(_ trained: TrainedModel, _ data: PreparedData) -> SavedModel {
    SavedModel(
      scorer: trained.scorer, encoder: data.encoder, schema: data.schema, label: data.label,
      sensitive: data.sensitive, threshold: configuration.evaluation.decisionThreshold)
  }

  /// Writes what a run leaves, but for its audit and the summary, by which it is complete.
  ///
  /// - Parameter files: The files of the rows, each with how many it has.
  func write(
    _ model: SavedModel, _ trained: TrainedModel, _ evaluation: RunEvaluation, splits: [(String, Dataset)],
    files: [(name: String, rows: Int)], to folder: RunFolder
  ) throws {
    _ = try folder.makeFolder("model")
    for (name, bytes) in model.files { try folder.write(bytes, to: "model/\(name)") }
    if configuration.output.predictions { try writePredictions(trained, splits: splits, files: files, to: folder) }
    try folder.write(evaluation.json, to: "evaluation.json")
    // Its bins are of scores in 0...1.
    if splits[0].1.labelKind == .binary {
      try folder.write(ScoresRecord(of: trained.states, on: splits[splits.count - 1]))
    }
  }

  private func writePredictions(
    _ trained: TrainedModel, splits: [(String, Dataset)], files: [(name: String, rows: Int)], to folder: RunFolder
  ) throws {
    let scores = trained.after
    let before = trained.before == scores ? nil : trained.before
    if let form = LabelPredictions(splits[0].1.labelKind) {
      try writePredictions(form, scores, before: before, splits: splits, files: files, to: folder)
    } else {
      try writePredictions(scores, before: before, splits: splits, files: files, to: folder)
    }
  }

  /// Writes `predictions.csv` some rows at a time, so that the text of many is never in memory.
  private func writePredictions(
    _ scores: [[Float]], before: [[Float]]?, splits: [(String, Dataset)], files: [(name: String, rows: Int)],
    to folder: RunFolder
  ) throws {
    let rule = DecisionRule<Float>(threshold: configuration.evaluation.decisionThreshold)
    let sensitive = configuration.output.sensitiveInPredictions ? splits[0].1.sensitive : []
    let names = files.count < 2 ? nil : files.map(\.name)
    try folder.write(to: "predictions.csv") { file throws(RecordError) in
      try file.append(
        PredictionsFile.header(
          groups: sensitive.map(\.name), withFile: names != nil, withBefore: before != nil))
      for (index, (name, dataset)) in splits.enumerated() {
        let (scores, before) = (scores[index], before?[index])
        let split = RunRecords.SplitName(ofSplit: name)
        for start in stride(from: 0, to: dataset.rows, by: 1 << 14) {
          let range = start..<min(start + (1 << 14), dataset.rows)
          let scores = Array(scores[range])
          let places = dataset.sourceRows[range].map { RowPlace($0, in: files) }
          let part = PredictionsFile(
            rows: places.map(\.row),
            files: names.map {
              PredictionsFile.GroupColumn(name: "file", groups: $0, codes: places.map { Int32($0.file) })
            },
            splits: scores.map { _ in split }, labels: Array(dataset.labels[range]), scores: scores,
            decisions: scores.map { rule.selects($0) }, scoresBefore: before.map { Array($0[range]) },
            groups: sensitive.indices.map { index in
              let column = dataset.sensitive[index]
              return PredictionsFile.GroupColumn(
                name: column.name, groups: column.groups, codes: Array(column.codes[range]))
            })
          try file.append(part.lines)
        }
      }
    }
  }

  /// The same of labels with several classes, and of numbers.
  private func writePredictions(
    _ form: LabelPredictions, _ scores: [[Float]], before: [[Float]]?, splits: [(String, Dataset)],
    files: [(name: String, rows: Int)], to folder: RunFolder
  ) throws {
    let sensitive = configuration.output.sensitiveInPredictions ? splits[0].1.sensitive : []
    let width = form.width
    let names = files.count < 2 ? nil : files.map(\.name)
    try folder.write(to: "predictions.csv") { file throws(RecordError) in
      let lines = LabelPredictionLines(
        form, groups: sensitive.map { ($0.name, $0.groups) }, files: names, withBefore: before != nil)
      try file.append(lines.header)
      for (index, (name, dataset)) in splits.enumerated() {
        let split = RunRecords.SplitName(ofSplit: name)
        var bytes: [UInt8] = []
        for row in 0..<dataset.rows {
          let place = RowPlace(dataset.sourceRows[row], in: files)
          let values = row * width..<(row + 1) * width
          lines.append(
            row: place.row, file: place.file, split: split, label: dataset.labels[row],
            predictions: scores[index][values],
            before: before?[index][values], groups: sensitive.indices.map { dataset.sensitive[$0].codes[row] },
            to: &bytes)
          if bytes.count > 1 << 20 {
            try file.append(bytes)
            bytes.removeAll(keepingCapacity: true)
          }
        }
        try file.append(bytes)
      }
    }
  }

  func environment(_ rows: PreparedRows, started: TimeInterval) -> EnvironmentRecord {
    let backend = ComputeBackend.current
    return EnvironmentRecord(
      version: EquipoiseVersion.current, commit: EquipoiseVersion.commit, platform: Platform.description,
      cores: ProcessInfo.processInfo.activeProcessorCount, blasCore: backend.coreName,
      blasThreads: backend.threadsPerProduct, kernels: backend.kernels,
      // From wherever the run is asked for later.
      configurationFolder: FileAccess.wholePath(file.folder),
      started: UTCTime(seconds: Int(started)).description, host: RunEntry.Worker.current.host, user: Platform.user,
      data: rows.sources, memory: rows.memory)
  }
}

extension RunSummary {
  /// What a run came to.
  init(
    _ configuration: ExperimentConfiguration, _ trained: TrainedModel, notices: [String], timing: [StageTime]
  ) {
    self.init(
      name: configuration.name, seed: configuration.seed, status: trained.wasStopped ? .stopped : .finished,
      notices: notices, phases: trained.phases, constraints: trained.constraints,
      collapses: trained.collapses.map {
        .init(epoch: $0.epoch, signs: $0.signs.map(\.description), restoredEpoch: $0.restoredEpoch)
      }, levelledDown: trained.levelledDown, timing: timing)
  }
}

/// Where a row of several files stands.
private struct RowPlace {
  var file = 0
  var row: Int

  /// - Parameter row: The position counted over all files.
  init(_ row: Int, in files: [(name: String, rows: Int)]) {
    self.row = row
    while file + 1 < files.count, self.row >= files[file].rows {
      self.row -= files[file].rows
      file += 1
    }
  }
}
