import CKernels
import LinearAlgebra

/// A graph turned into a flat list of instructions over memory that is allocated once: replayed at every step.
///
/// ```swift
/// let x = Tensor<Float>.input(rows: 32, columns: 93)
/// let loss = network(x, …).mean()
/// let program = Program(values: [loss], gradients: [.init(of: loss, withRespectTo: storage)])
/// program.set(x, to: batch)
/// program.run()
/// let gradient = program.gradient(0)
/// ```
///
/// A program reads the parameters' storages as they are at each run; it never changes them. Not for use by two threads
/// at once; different programs may run at the same time where they share no noise source and nobody writes to a storage
/// that they share.
public final class Program<Scalar: EngineScalar> {
  /// A gradient that the program computes besides values.
  public struct GradientRequest {
    let loss: Tensor<Scalar>
    let storage: ParameterStorage<Scalar>?
    let tensors: [Tensor<Scalar>]

    /// The gradient of a loss, `[1, 1]`, with respect to all parameters of a storage.
    public init(of loss: Tensor<Scalar>, withRespectTo storage: ParameterStorage<Scalar>) {
      self.init(loss: loss, storage: storage, tensors: [])
    }

    /// The gradients of a loss, `[1, 1]`, with respect to tensors: inputs, or values within the graph.
    public init(of loss: Tensor<Scalar>, withRespectTo tensors: [Tensor<Scalar>]) {
      self.init(loss: loss, storage: nil, tensors: tensors)
    }

    private init(loss: Tensor<Scalar>, storage: ParameterStorage<Scalar>?, tensors: [Tensor<Scalar>]) {
      precondition(loss.rows == 1 && loss.columns == 1, "gradient: the loss is [1, 1], not \(loss.shape)")
      self.loss = loss
      self.storage = storage
      self.tensors = tensors
    }
  }

  private let memory = Memory()
  private let instructions: UnsafeMutableBufferPointer<Instruction>
  private let kernels: eq_kernels
  private let regions: [ObjectIdentifier: Region]
  /// The chosen rows of each leaf of rows.
  private let selections: [ObjectIdentifier: UnsafeMutablePointer<Int32>]
  private let flatGradients: [Region]
  private let tensorGradients: [[Region]]
  /// The nodes keep storages, noise and constants alive, to which the instructions point.
  private let nodes: [Node]

  /// Plans a program.
  ///
  /// - Parameters:
  ///   - values: What is read after a run.
  ///   - gradients: What is differentiated, numbered from 0 in this order.
  ///   - fusing: Whether chains of operations are joined; off only to compare.
  public convenience init(
    values: [Tensor<Scalar>] = [], gradients: [GradientRequest] = [], fusing: Bool = true
  ) {
    self.init(values: values, gradients: gradients, fusing: fusing, variant: nil)
  }

  /// - Parameter keepsRowsApart: Whether a row of a product of rows and weights has the same bits whatever the other
  ///   rows, its place among them and their number, from 16 on. Small products have them anyway; large ones are not left to
  ///   OpenBLAS then.
  package init(
    values: [Tensor<Scalar>], gradients: [GradientRequest] = [], fusing: Bool = true, variant: Int? = nil,
    blockRows: Int = RowBlocks.defaultRows, keepsRowsApart: Bool = false
  ) {
    BLAS.singleThreaded
    let precision = Scalar.precision
    kernels = (variant.map { precision.kernels(variant: $0) } ?? precision.kernels).pointee
    // Whatever is asked for must keep its value, so it counts as used.
    let roots =
      values.map(\.node) + gradients.map(\.loss.node) + gradients.flatMap { $0.tensors.map(\.node) }
    let planned = Fusion.plan(roots: roots, fusing: fusing)
    var planner = Planner(precision: precision, memory: memory, keepsRowsApart: keepsRowsApart)

    var regions: [ObjectIdentifier: Region] = [:]
    var selections: [ObjectIdentifier: UnsafeMutablePointer<Int32>] = [:]
    for item in planned {
      let output: Region
      if let leaf = item.operation as? ParameterLeaf<Scalar> {
        output = Region(
          pointer: UnsafeMutableRawPointer(leaf.storage.pointer + leaf.offset), rows: item.node.rows,
          columns: item.node.columns)
      } else if let leaf = item.operation as? RowsLeaf<Scalar> {
        output = Self.planRows(leaf.source, of: item.node, readers: planned, roots: roots, &planner, &selections)
      } else if item.operation.sharesInput {
        output = Self.region(of: item.inputs[0], in: regions)
      } else {
        output = planner.region(rows: item.node.rows, columns: item.node.columns)
      }
      regions[ObjectIdentifier(item.node)] = output
    }
    let forward = ForwardPass(planned: planned, regions: regions, blocks: RowBlocks(rows: blockRows))
    let auxiliaries = forward.plan(&planner)

    var flatGradients: [Region] = []
    var tensorGradients: [[Region]] = []
    for request in gradients {
      var pass = BackwardPass<Scalar>(
        planned: planned, regions: regions, auxiliaries: auxiliaries, blocks: forward.blocks)
      let (flat, tensors) = pass.plan(&planner, request)
      flatGradients.append(flat)
      tensorGradients.append(tensors)
    }

    self.regions = regions
    self.selections = selections
    self.flatGradients = flatGradients
    self.tensorGradients = tensorGradients
    nodes = planned.map(\.node)
    instructions = .allocate(capacity: planner.instructions.count)
    _ = instructions.initialize(from: planner.instructions)
  }

  deinit {
    instructions.deallocate()
  }

  /// Computes all values and gradients from the inputs and parameters as they are now.
  public func run() {
    UnsafeBufferPointer(instructions).run(Scalar.precision, kernels)
  }

  /// The number of instructions that a run replays.
  public var instructionCount: Int { instructions.count }

  // MARK: - Values

  /// Sets an input. An input that the program does not read is passed over.
  ///
  /// - Precondition: `matrix` has the input's shape.
  public func set(_ input: Tensor<Scalar>, to matrix: Matrix<Scalar>) {
    precondition(
      input.rows == matrix.rows && input.columns == matrix.columns,
      "set: the input is \(input.shape), the matrix [\(matrix.rows), \(matrix.columns)]")
    guard let region = regions[ObjectIdentifier(input.node)] else { return }
    matrix.values.withUnsafeBytes { values in
      guard let base = values.baseAddress else { return }
      region.pointer.copyMemory(from: base, byteCount: values.count)
    }
  }

  /// Chooses the rows that a leaf of rows holds in the next runs. A leaf that the program does not read is passed over.
  ///
  /// - Precondition: There are as many indices as the leaf has rows, each that of a row of its matrix.
  public func select(_ leaf: Tensor<Scalar>, rows indices: some Collection<Int32>) {
    precondition(indices.count == leaf.rows, "select: \(indices.count) indices for \(leaf.rows) rows")
    guard let source = (leaf.node.operation as? RowsLeaf<Scalar>)?.source else {
      preconditionFailure("select: the tensor is no leaf of rows")
    }
    for index in indices {
      precondition(index >= 0 && index < source.rows, "select: no row \(index) among \(source.rows)")
    }
    guard let selection = selections[ObjectIdentifier(leaf.node)] else { return }
    for (place, index) in indices.enumerated() { selection[place] = index }
  }

  /// The value of a tensor after a run.
  ///
  /// - Precondition: The tensor is an input or was asked for in `values`.
  public func value(of tensor: Tensor<Scalar>) -> Matrix<Scalar> {
    Self.matrix(requiredRegion(tensor))
  }

  /// The value of a `[1, 1]` tensor after a run.
  public func scalar(of tensor: Tensor<Scalar>) -> Scalar {
    precondition(tensor.rows == 1 && tensor.columns == 1, "scalar: the tensor is \(tensor.shape)")
    return requiredRegion(tensor).pointer.assumingMemoryBound(to: Scalar.self).pointee
  }

  /// The gradient of request `index` with respect to its storage, as one vector in the storage's order.
  public func gradient(_ index: Int) -> [Scalar] {
    Self.matrix(flatGradients[index]).values
  }

  /// The gradients of request `index` with respect to its tensors.
  public func tensorGradients(_ index: Int) -> [Matrix<Scalar>] {
    tensorGradients[index].map(Self.matrix)
  }

  // MARK: - Memory, for trainers

  /// Where a tensor's values lie, or nil where the program does not need it.
  package func pointer(of tensor: Tensor<Scalar>) -> UnsafeMutablePointer<Scalar>? {
    regions[ObjectIdentifier(tensor.node)]?.pointer.assumingMemoryBound(to: Scalar.self)
  }

  /// Where the gradient of request `index` lies, p values.
  package func gradientPointer(_ index: Int) -> UnsafeMutablePointer<Scalar> {
    flatGradients[index].pointer.assumingMemoryBound(to: Scalar.self)
  }

  /// Where the chosen rows of a leaf stand, or nil where the program does not read it. The caller answers for their
  /// being rows of its matrix.
  package func selection(of leaf: Tensor<Scalar>) -> UnsafeMutablePointer<Int32>? {
    selections[ObjectIdentifier(leaf.node)]
  }

  /// The region of a leaf of rows: virtual where all its readers work with deviations, else gathered at each run.
  private static func planRows(
    _ source: FeatureRows<Scalar>, of node: Node, readers planned: [PlannedNode], roots: [Node],
    _ planner: inout Planner, _ selections: inout [ObjectIdentifier: UnsafeMutablePointer<Int32>]
  ) -> Region {
    let indices = planner.memory.allocate(bytes: node.rows * MemoryLayout<Int32>.stride)
      .bindMemory(to: Int32.self, capacity: node.rows)
    selections[ObjectIdentifier(node)] = indices
    let isReadDense =
      roots.contains { $0 === node }
      || planned.contains { reader in
        reader.inputs.enumerated().contains { index, input in
          input === node && !reader.operation.readsDeviations(input: index)
        }
      }
    if let deviations = source.deviations, !isReadDense {
      return Region(
        pointer: UnsafeMutableRawPointer(indices), rows: node.rows, columns: node.columns,
        deviations: SelectedDeviations(rows: deviations, indices: UnsafePointer(indices)))
    }
    let region = planner.region(rows: node.rows, columns: node.columns)
    planner.emit(
      .gatherRows(
        count: node.rows, columns: node.columns, indices: UnsafePointer(indices), from: source.densePointer,
        to: region.pointer))
    return region
  }

  private func requiredRegion(_ tensor: Tensor<Scalar>) -> Region {
    guard let region = regions[ObjectIdentifier(tensor.node)] else {
      preconditionFailure("value: the program does not compute this tensor; name it in `values`")
    }
    return region
  }

  private static func region(of node: Node, in regions: [ObjectIdentifier: Region]) -> Region {
    guard let region = regions[ObjectIdentifier(node)] else { preconditionFailure("Program: a node out of order") }
    return region
  }

  private static func matrix(_ region: Region) -> Matrix<Scalar> {
    let values = UnsafeBufferPointer(
      start: region.pointer.assumingMemoryBound(to: Scalar.self), count: region.count)
    return Matrix(rows: region.rows, columns: region.columns, values: Array(values))
  }
}
