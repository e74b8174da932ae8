import ModelFiles
import RunRecords

/// Files in which the model of a run leaves for other tools.
public struct ModelExport: Sendable {
  /// A format for other tools.
  public enum Format: String, Sendable, Hashable, CaseIterable {
    /// Raw columns in, probability out, for every runtime that reads ONNX.
    case onnx
    /// The networks' weights by name.
    case safetensors

    /// The file's name.
    public var fileName: String {
      switch self {
      case .onnx: "model.onnx"
      case .safetensors: SavedModel.weightsFile
      }
    }
  }

  private let model: SavedModel
  private let folder: String

  /// Reads the model of a run.
  ///
  /// - Throws: `RecordError` where there is no such run, `ModelFileError` where its model is damaged.
  public init(run: String) throws {
    folder = try RunFolder(existing: run).file("model")
    model = try SavedModel(folder: folder)
  }

  /// The bytes of a file.
  ///
  /// - Parameter withDecision: Whether the file decides too, where its format can.
  /// - Throws: `ModelFileError` where the format cannot hold this model.
  public func bytes(_ format: Format, withDecision: Bool) throws -> [UInt8] {
    switch format {
    case .onnx:
      do {
        return try model.onnx(withDecision: withDecision, version: EquipoiseVersion.current)
      } catch {
        throw ModelFileError(error.kind, at: "\(folder)/\(error.place)", error.message)
      }
    case .safetensors:
      guard let weights = model.files.first(where: { $0.name == SavedModel.weightsFile }) else {
        preconditionFailure("ModelExport: a model without weights")
      }
      return weights.bytes
    }
  }
}
