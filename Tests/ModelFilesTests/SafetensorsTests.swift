import Autograd
import Foundation
import LinearAlgebra
import ModelFiles
import TestSupport
import Testing

@Suite struct SafetensorsTests {
  /// Numbers at the ends of what F32 holds, as bits, so that −0 and subnormal numbers count.
  private static let parameters: Parameters<Float> = {
    var parameters = Parameters<Float>()
    parameters.append(
      "layers.0.weight",
      Matrix(
        rows: 2, columns: 3,
        values: [0, -0.0, .leastNonzeroMagnitude, -.greatestFiniteMagnitude, 1 / 3, .leastNormalMagnitude]))
    parameters.append("layers.0.bias", Matrix(rows: 1, columns: 3, values: [1, -2.5, .pi]))
    return parameters
  }()

  @Test func roundTrip() throws {
    let bytes = Safetensors.encode(Self.parameters, metadata: ["format": "a/b \"c\" é"])
    let (matrices, metadata) = try Safetensors.decode(bytes, at: "w")
    #expect(metadata == ["format": "a/b \"c\" é"])
    #expect(Set(matrices.keys) == ["layers.0.weight", "layers.0.bias"])
    for entry in Self.parameters.entries {
      let matrix = try #require(matrices[entry.name])
      let expected = Self.parameters[entry.name]
      #expect(matrix.rows == expected.rows && matrix.columns == expected.columns)
      #expect(matrix.values.map(\.bitPattern) == expected.values.map(\.bitPattern))
    }
    #expect(bytes == Safetensors.encode(Self.parameters, metadata: ["format": "a/b \"c\" é"]))
    // The values begin at a multiple of eight bytes.
    #expect(bytes[0] % 8 == 0 && bytes.count == 8 + Int(bytes[0]) + Int(bytes[1]) << 8 + 4 * 9)
  }

  // MARK: - The Python package

  /// Files of Scripts/golden/safetensors_files.py: what the Python package makes of each.
  struct GoldenTensors: Decodable {
    struct Tensor: Decodable {
      var name: String
      var shape: [Int]
      var bits: [UInt32]
    }
    var file: String
    var metadata: [String: String]
    var tensors: [Tensor]
  }

  private static func bytes(ofGolden name: String) throws -> [UInt8] {
    let url = try #require(Bundle.module.url(forResource: name, withExtension: nil, subdirectory: "Golden"))
    return Array(try Data(contentsOf: url))
  }

  @Test(arguments: ["equipoise.safetensors", "python.safetensors"])
  func readsWhatPythonReads(file: String) throws {
    let all: [GoldenTensors] = try goldenCases("safetensors_files", in: .module)
    let golden = try #require(all.first { $0.file == file })
    let (matrices, metadata) = try Safetensors.decode(Self.bytes(ofGolden: file), at: file)
    #expect(metadata == golden.metadata)
    #expect(Set(matrices.keys) == Set(golden.tensors.map(\.name)))
    for tensor in golden.tensors {
      let matrix = try #require(matrices[tensor.name])
      let shape = Array(repeating: 1, count: 2 - tensor.shape.count) + tensor.shape
      #expect([matrix.rows, matrix.columns] == shape)
      #expect(matrix.values.map(\.bitPattern) == tensor.bits)
    }
  }

  /// The file that Python was given is what this version writes, so that Python reads today's files too.
  @Test func writesWhatPythonWasGiven() throws {
    let bytes = try Self.bytes(ofGolden: "equipoise.safetensors")
    let (matrices, metadata) = try Safetensors.decode(bytes, at: "equipoise.safetensors")
    var parameters = Parameters<Float>()
    for layer in 0..<matrices.count / 2 {
      for kind in ["weight", "bias"] {
        let name = "layers.\(layer).\(kind)"
        parameters.append(name, try #require(matrices[name]))
      }
    }
    #expect(parameters.entries.count >= 4)
    #expect(Safetensors.encode(parameters, metadata: metadata) == bytes)
  }

  // MARK: - Refusals

  struct Case: Sendable, CustomTestStringConvertible {
    var bytes: [UInt8]
    var expected: String
    var testDescription: String { expected }

    /// A file of a header, some values, and perhaps another length than the header's.
    init(_ header: String, values: [Float] = [], length: UInt64? = nil, _ expected: String) {
      bytes = withUnsafeBytes(of: (length ?? UInt64(header.utf8.count)).littleEndian) { Array($0) }
      bytes += Array(header.utf8)
      for value in values { bytes += withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } }
      self.expected = expected
    }

    init(bytes: [UInt8], _ expected: String) {
      self.bytes = bytes
      self.expected = expected
    }
  }

  private static let tail = "; the file is damaged or no safetensors file. Use another copy."

  private static func tensor(_ dtype: String = "F32", shape: String, offsets: String) -> String {
    #"{"a":{"dtype":"\#(dtype)","shape":\#(shape),"data_offsets":\#(offsets)}}"#
  }

  static let cases =
    [
      Case(bytes: [], "w: 0 bytes are too few" + tail),
      Case(bytes: [1, 0, 0, 0, 0, 0, 0], "w: 7 bytes are too few" + tail),
      Case("{}", length: 3, "w: its header claims 3 bytes, the file has 10" + tail),
      Case("{}", length: 100_000_001, "w: its header claims 100000001 bytes, the file has 10" + tail),
      Case("{}", length: .max, "w: its header claims 18446744073709551615 bytes, the file has 10" + tail),
      Case("", "w: its header cannot be read" + tail),
      Case("{\"a\":", "w: its header cannot be read" + tail),
      Case("[]", "w: its header cannot be read" + tail),
      Case("{\"a\":{\"dtype\":\"F32\"}}", "w: 'a' in its header is no tensor" + tail),
      Case("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", "w: its header cannot be read" + tail),
      Case(
        tensor(shape: "[1,9223372036854775808]", offsets: "[0,4]"), values: [1], "w: its header cannot be read" + tail),
      Case("{\"a\":{\"x\":\"y\"}}", "w: 'a' in its header is no tensor" + tail),
      Case(
        tensor("F64", shape: "[1,1]", offsets: "[0,8]"), values: [1, 2],
        "w: tensor 'a' is F64 of shape [1, 1]; only F32 of at most two dimensions is read."),
      Case(
        tensor(shape: "[1,1,1]", offsets: "[0,4]"), values: [1],
        "w: tensor 'a' is F32 of shape [1, 1, 1]; only F32 of at most two dimensions is read."),
    ]
    + [
      ("[1,2]", "[0,4]"), ("[1,1]", "[0,8]"), ("[1,1]", "[4,8]"), ("[1,1]", "[-4,0]"), ("[1,1]", "[4,0]"),
      ("[1,1]", "[0]"), ("[1,1]", "[0,4,4]"), ("[-1,-1]", "[0,4]"), ("[0,-1]", "[0,0]"),
      ("[1,1]", "[1,-9223372036854775808]"), ("[1,1]", "[-9223372036854775808,4]"),
      ("[1,1]", "[9223372036854775807,-9223372036854775808]"), ("[1,1]", "[0,9223372036854775807]"),
      ("[4294967296,4294967296]", "[0,4]"), ("[9223372036854775807,1]", "[0,4]"),
    ].map { shape, offsets in
      let spaced = { (text: String) in text.split(separator: ",").joined(separator: ", ") }
      return Case(
        tensor(shape: shape, offsets: offsets), values: [1],
        "w: tensor 'a' of shape \(spaced(shape)) does not fit its offsets \(spaced(offsets))" + tail)
    } + [
      Case(
        tensor(shape: "[1,2]", offsets: "[0,8]"), values: [1, .nan],
        "w: tensor 'a' holds a value that is not finite" + tail),
      Case(
        tensor(shape: "[2]", offsets: "[0,8]"), values: [-.infinity, 1],
        "w: tensor 'a' holds a value that is not finite" + tail),
      Case(
        tensor(shape: "[1,1]", offsets: "[0,4]"), values: [1, 2],
        "w: its tensors end at byte 4 of 8 of their values" + tail
      ),
      Case(
        tensor(shape: "[1,1]", offsets: "[4,8]"), values: [1, 2],
        "w: its tensors overlap or leave a gap at byte 0 of their values" + tail),
      Case(
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
        values: [1], "w: its tensors overlap or leave a gap at byte 4 of their values" + tail),
    ]

  @Test(arguments: cases) func refuses(_ test: Case) {
    let error = #expect(throws: ModelFileError.self) { try Safetensors.decode(test.bytes, at: "w") }
    #expect(error?.kind == .badData)
    #expect(error?.description == test.expected)
  }

  /// Cut off anywhere, and with any one byte changed, a file is refused or read, and never ends the process.
  @Test func damageNeverEndsTheProcess() throws {
    let bytes = Safetensors.encode(Self.parameters, metadata: ["format": "equipoise-1"])
    for count in 0..<bytes.count {
      #expect(throws: ModelFileError.self) { try Safetensors.decode(Array(bytes.prefix(count)), at: "w") }
    }
    for index in bytes.indices {
      for change in [0x01, 0x10, 0x80, 0xff] as [UInt8] {
        var damaged = bytes
        damaged[index] ^= change
        _ = try? Safetensors.decode(damaged, at: "w")
      }
    }
  }
}
