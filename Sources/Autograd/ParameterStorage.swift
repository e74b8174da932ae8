import LinearAlgebra

/// Parameters while they are trained: memory at a fixed address, which programs read and optimizers change.
///
/// Not for use by two threads at once. Copy the values in and out as `parameters`.
public final class ParameterStorage<Scalar: EngineScalar> {
  private let layout: Parameters<Scalar>
  package let pointer: UnsafeMutablePointer<Scalar>

  /// The leaves in use, by name. A leaf holds its storage, so the storage must not hold it.
  private var leaves: [String: WeakNode] = [:]

  private struct WeakNode {
    weak var node: Node?
  }

  /// The number of values, p.
  public var count: Int { layout.values.count }

  /// Creates a storage with the given values.
  public init(_ parameters: Parameters<Scalar>) {
    layout = parameters
    let bytes = max(1, parameters.values.count) * MemoryLayout<Scalar>.stride
    pointer = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
      .bindMemory(to: Scalar.self, capacity: max(1, parameters.values.count))
    pointer.initialize(from: parameters.values, count: parameters.values.count)
  }

  deinit {
    pointer.deallocate()
  }

  /// The current values.
  ///
  /// - Precondition: New parameters have the entries of the old ones.
  public var parameters: Parameters<Scalar> {
    get {
      var copy = layout
      copy.values = Array(UnsafeBufferPointer(start: pointer, count: count))
      return copy
    }
    set {
      precondition(newValue.entries == layout.entries, "ParameterStorage: parameters of another layout")
      newValue.values.withUnsafeBufferPointer { values in
        if let base = values.baseAddress { pointer.update(from: base, count: count) }
      }
    }
  }

  /// Takes over the values of another storage.
  ///
  /// - Precondition: It has the same entries.
  package func copy(_ other: ParameterStorage) {
    precondition(other.layout.entries == layout.entries, "ParameterStorage: parameters of another layout")
    pointer.update(from: other.pointer, count: count)
  }

  /// The parameters as leaves of a graph.
  ///
  /// Asked again while a graph holds them, these are the same leaves: a parameter that a graph reads in two places is
  /// one value, and its gradient is the sum over both.
  public var tensors: ParameterTensors<Scalar> {
    var tensors: [String: Tensor<Scalar>] = [:]
    for entry in layout.entries {
      if let node = leaves[entry.name]?.node {
        tensors[entry.name] = Tensor(node)
        continue
      }
      let tensor = Tensor<Scalar>(
        ParameterLeaf(storage: self, offset: entry.offset), [], rows: entry.rows, columns: entry.columns)
      leaves[entry.name] = WeakNode(node: tensor.node)
      tensors[entry.name] = tensor
    }
    return ParameterTensors(tensors)
  }
}

/// The parameters of a network as tensors, by name.
public struct ParameterTensors<Scalar: EngineScalar> {
  private let tensors: [String: Tensor<Scalar>]

  /// Creates a set of tensors by name.
  public init(_ tensors: [String: Tensor<Scalar>]) {
    self.tensors = tensors
  }

  /// The parameter of a name.
  ///
  /// - Precondition: The name exists.
  public subscript(name: String) -> Tensor<Scalar> {
    guard let tensor = tensors[name] else {
      preconditionFailure("ParameterTensors: no '\(name)' among \(tensors.keys.sorted().joined(separator: ", "))")
    }
    return tensor
  }

  /// The parameters whose names begin with a prefix and a dot, without them: the part of a network that is a network.
  public func scoped(_ prefix: String) -> ParameterTensors {
    var scoped: [String: Tensor<Scalar>] = [:]
    for (name, tensor) in tensors where name.hasPrefix(prefix + ".") {
      scoped[String(name.dropFirst(prefix.count + 1))] = tensor
    }
    return ParameterTensors(scoped)
  }
}
