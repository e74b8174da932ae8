import Autograd
import LinearAlgebra

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The safetensors format: named tensors behind a JSON header, nothing that could be executed.
///
/// `u64 N` (little-endian), N bytes of JSON `{name: {"dtype", "shape", "data_offsets": [begin, end]}, "__metadata__":
/// {string: string}}`, then the values, row-major and little-endian; offsets count from the end of the header.
///
/// - Source: huggingface/safetensors, format description.
public enum Safetensors {
  private static let metadataKey = "__metadata__"

  /// The largest header that is read, the limit of the reference implementation.
  private static let maximumHeader = 100_000_000

  private struct Tensor: Codable {
    var dtype: String
    var shape: [Int]
    var offsets: [Int]

    enum CodingKeys: String, CodingKey {
      case dtype, shape
      case offsets = "data_offsets"
    }
  }

  /// One value of the header: a tensor, or the metadata.
  private enum Item: Codable {
    case tensor(Tensor)
    case metadata([String: String])

    init(from decoder: any Decoder) throws {
      if let metadata = try? decoder.singleValueContainer().decode([String: String].self) {
        self = .metadata(metadata)
      } else {
        self = .tensor(try Tensor(from: decoder))
      }
    }

    func encode(to encoder: any Encoder) throws {
      switch self {
      case .tensor(let tensor): try tensor.encode(to: encoder)
      case .metadata(let metadata): try metadata.encode(to: encoder)
      }
    }
  }

  /// The bytes of a file with all parameters as F32, in their order.
  ///
  /// Equal parameters and metadata give equal bytes: the header's keys are sorted.
  public static func encode(_ parameters: Parameters<Float>, metadata: [String: String] = [:]) -> [UInt8] {
    var header: [String: Item] = [metadataKey: .metadata(metadata)]
    for entry in parameters.entries {
      header[entry.name] = .tensor(
        Tensor(
          dtype: "F32", shape: [entry.rows, entry.columns],
          offsets: [4 * entry.offset, 4 * (entry.offset + entry.count)]))
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Strings and whole numbers alone: there is nothing that could fail to encode.
    var text = (try? encoder.encode(header)).map { Array($0) } ?? []
    // Padded with blanks, so that the values are aligned to eight bytes.
    while text.count % 8 != 0 { text.append(UInt8(ascii: " ")) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + text.count + 4 * parameters.values.count)
    withUnsafeBytes(of: UInt64(text.count).littleEndian) { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: text)
    for value in parameters.values {
      withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }
    return bytes
  }

  /// The matrices and metadata of a file.
  ///
  /// - Parameter place: The file's name, for errors.
  /// - Throws: `ModelFileError` where the file is truncated, damaged, or holds other types than F32 or tensors of more
  ///   than two dimensions.
  public static func decode(
    _ bytes: [UInt8], at place: String
  ) throws(ModelFileError) -> (matrices: [String: Matrix<Float>], metadata: [String: String]) {
    func damaged(_ what: String) -> ModelFileError {
      ModelFileError(.badData, at: place, "\(what); the file is damaged or no safetensors file. Use another copy.")
    }
    guard bytes.count >= 8 else { throw damaged("\(bytes.count) bytes are too few") }
    let length = bytes[0..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(maximumHeader), 8 + Int(length) <= bytes.count else {
      throw damaged("its header claims \(length) bytes, the file has \(bytes.count)")
    }
    let data = 8 + Int(length)
    guard let header = try? JSONDecoder().decode([String: Item].self, from: Data(bytes[8..<data])) else {
      throw damaged("its header cannot be read")
    }
    var matrices: [String: Matrix<Float>] = [:]
    var metadata: [String: String] = [:]
    var parts: [(begin: Int, end: Int)] = []
    for (name, item) in header.sorted(by: { $0.key < $1.key }) {
      switch item {
      case .metadata(let values):
        guard name == metadataKey else { throw damaged("'\(name)' in its header is no tensor") }
        metadata = values
      case .tensor(let tensor):
        matrices[name] = try matrix(tensor, name, bytes: bytes, data: data, at: place, damaged)
        parts.append((tensor.offsets[0], tensor.offsets[1]))
      }
    }
    // As in the reference implementation, the tensors fill the file: no gap, no overlap, nothing behind them.
    var end = 0
    for part in parts.sorted(by: { $0 < $1 }) {
      guard part.begin == end else {
        throw damaged("its tensors overlap or leave a gap at byte \(end) of their values")
      }
      end = part.end
    }
    guard end == bytes.count - data else {
      throw damaged("its tensors end at byte \(end) of \(bytes.count - data) of their values")
    }
    return (matrices, metadata)
  }

  private static func matrix(
    _ tensor: Tensor, _ name: String, bytes: [UInt8], data: Int, at place: String,
    _ damaged: (String) -> ModelFileError
  ) throws(ModelFileError) -> Matrix<Float> {
    guard tensor.dtype == "F32", tensor.shape.count <= 2 else {
      throw ModelFileError(
        .badData, at: place,
        "tensor '\(name)' is \(tensor.dtype) of shape \(tensor.shape); only F32 of at most two dimensions is read.")
    }
    let shape = Array(repeating: 1, count: 2 - tensor.shape.count) + tensor.shape
    let (count, overflow) = shape[0].multipliedReportingOverflow(by: shape[1])
    // In this order, so that no subtraction can overflow: 0 ≤ begin ≤ end ≤ size first.
    guard !overflow, shape.allSatisfy({ $0 >= 0 }), count <= bytes.count / 4, tensor.offsets.count == 2,
      0 <= tensor.offsets[0], tensor.offsets[0] <= tensor.offsets[1], tensor.offsets[1] <= bytes.count - data,
      tensor.offsets[1] - tensor.offsets[0] == 4 * count
    else { throw damaged("tensor '\(name)' of shape \(tensor.shape) does not fit its offsets \(tensor.offsets)") }
    let start = data + tensor.offsets[0]
    let values = (0..<count).map { index -> Float in
      let bits = (0..<4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32(bytes[start + 4 * index + $1]) }
      return Float(bitPattern: bits)
    }
    guard values.allSatisfy(\.isFinite) else {
      throw damaged("tensor '\(name)' holds a value that is not finite")
    }
    return Matrix(rows: shape[0], columns: shape[1], values: values)
  }
}
