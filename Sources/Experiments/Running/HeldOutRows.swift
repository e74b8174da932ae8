import ModelFiles
import RunRecords
import TabularData

/// The rows of a run that took no part in training, read and split again from its data as the run did.
struct HeldOutRows {
  /// The split: the test rows where there are any, otherwise the validation rows.
  let split: RunRecords.SplitName
  let dataset: Dataset
  /// The tables that the rows come from, with the columns that are no features.
  let loaded: LoadedData
  /// What the run was told.
  let configuration: ExperimentConfiguration

  /// - Throws: `DataError`, `RecordError`, `ConfigurationError`: also where the data are other ones by now.
  init(_ folder: RunFolder, model: SavedModel, remedy: String) throws {
    let file = try ConfigurationFile(path: folder.file("config.json"))
    configuration = file.configuration
    let origin = try folder.environment().configurationFolder
    let seed = UInt64(file.configuration.seed)
    loaded = try file.configuration.data.load(
      seed: seed, located: { $0.hasPrefix("/") || origin == "." ? $0 : "\(origin)/\($0)" })
    let recipe = file.configuration.data.recipe(seed: seed)
    let data: PreparedData
    switch loaded.tables {
    case .whole(let table): data = try recipe.prepare(table, missingMarkers: loaded.missingMarkers)
    case .parts(let parts): data = try recipe.prepare(parts, missingMarkers: loaded.missingMarkers)
    }
    guard data.encoder == model.encoder else {
      throw DataError(
        .badData, at: folder.path, "was trained on other rows than its data hold now. \(remedy)")
    }
    let splits: [(TabularData.SplitName, RunRecords.SplitName)] = [(.test, .test), (.validation, .validation)]
    guard let (name, record) = splits.first(where: { data[$0.0] != nil }), let dataset = data[name] else {
      throw DataError(.badData, at: folder.path, "has neither test nor validation rows. \(remedy)")
    }
    split = record
    self.dataset = dataset
  }
}
