import LinearAlgebra

/// Plans the gradient of one loss: nodes in reverse order, each adding its share to the gradients of its inputs.
struct BackwardPass<Scalar: EngineScalar> {
  private let planned: [PlannedNode]
  private let regions: [ObjectIdentifier: Region]
  private let auxiliaries: [ObjectIdentifier: [Region?]]
  private let blocks: RowBlocks

  /// The gradient of each value that lies between the loss and what it is differentiated by.
  private var gradients: [ObjectIdentifier: Region] = [:]
  private var written: Set<ObjectIdentifier> = []

  /// What a node adds to the gradients of its inputs, before it is divided into blocks.
  private struct Step {
    let item: PlannedNode
    let output: Region
    let outputGradient: Region
    /// Where the derivative works on a copy of the gradient.
    let copy: Region?
    let targets: [GradientTarget?]
  }

  init(
    planned: [PlannedNode], regions: [ObjectIdentifier: Region], auxiliaries: [ObjectIdentifier: [Region?]],
    blocks: RowBlocks
  ) {
    self.planned = planned
    self.regions = regions
    self.auxiliaries = auxiliaries
    self.blocks = blocks
  }

  /// Emits the instructions, and returns where the gradients lie: of a storage as one vector, and of tensors.
  mutating func plan(
    _ planner: inout Planner, _ request: Program<Scalar>.GradientRequest
  ) -> (flat: Region, tensors: [Region]) {
    // One flat vector for the storage, so that an optimizer sees all parameters at once. What the loss does not
    // depend on is never written and stays 0.
    let flat = planner.region(rows: 1, columns: max(1, request.storage?.count ?? 0))
    let wanted = Set(request.tensors.map { ObjectIdentifier($0.node) })
    var needed: Set<ObjectIdentifier> = []
    for item in planned {
      let id = ObjectIdentifier(item.node)
      if let leaf = item.operation as? ParameterLeaf<Scalar>, leaf.storage === request.storage {
        needed.insert(id)
        gradients[id] = Region(
          pointer: flat.pointer + leaf.offset * planner.precision.stride, rows: item.node.rows,
          columns: item.node.columns)
      } else if wanted.contains(id)
        || item.inputs.indices.contains(where: {
          item.operation.hasGradient(input: $0) && needed.contains(ObjectIdentifier(item.inputs[$0]))
        })
      {
        needed.insert(id)
      }
    }

    let loss = ObjectIdentifier(request.loss.node)
    if needed.contains(loss) {
      let seed = gradientRegion(of: request.loss.node, &planner)
      seed.pointer.assumingMemoryBound(to: Scalar.self).pointee = 1
      written.insert(loss)
    }
    var steps: [Step] = []
    for item in planned.reversed() where !item.inputs.isEmpty {
      let id = ObjectIdentifier(item.node)
      guard written.contains(id), let output = regions[id], let outputGradient = gradients[id] else { continue }
      // The seed and the gradients that were asked for outlive the pass: their derivative works on a copy if it
      // overwrites what it reads.
      let outlives = item.operation is Dense && (wanted.contains(id) || id == loss)
      var targets: [GradientTarget?] = []
      for (index, input) in item.inputs.enumerated() {
        let inputID = ObjectIdentifier(input)
        guard needed.contains(inputID), item.operation.hasGradient(input: index) else {
          targets.append(nil)
          continue
        }
        // A value used twice by one operation accumulates its second share.
        let accumulates = !written.insert(inputID).inserted
        targets.append(GradientTarget(region: gradientRegion(of: input, &planner), accumulates: accumulates))
      }
      steps.append(
        Step(
          item: item, output: output, outputGradient: outputGradient,
          copy: outlives ? planner.region(rows: output.rows, columns: output.columns) : nil, targets: targets))
    }
    for run in blocks.runs(of: steps.map(\.item), isBackward: true) {
      guard let batch = run.batch else {
        for index in run.items { emit(steps[index], block: nil, &planner) }
        continue
      }
      let ranges = blocks.blocks(of: batch)
      let passing = passingGradients(
        of: run, steps, wanted.union([loss]), rows: ranges.map(\.count).max() ?? 0, &planner)
      for (number, rows) in ranges.enumerated() {
        let block = Block(number: number, rows: rows, passing: passing)
        for index in run.items { emit(steps[index], block: block, &planner) }
      }
    }
    return (flat, request.tensors.map { gradientRegion(of: $0.node, &planner) })
  }

  /// Some of the rows of a run's batch.
  private struct Block {
    let number: Int
    let rows: Range<Int>
    /// Memory for the gradients that one block's steps pass on to each other, and no other block reads.
    let passing: [ObjectIdentifier: Region]
  }

  /// Memory of a block's size for gradients that are written and read in one run: it stays in the nearest cache, where
  /// the whole batch's would go to memory and back.
  private func passingGradients(
    of run: RowBlocks.Run, _ steps: [Step], _ lasting: Set<ObjectIdentifier>, rows: Int, _ planner: inout Planner
  ) -> [ObjectIdentifier: Region] {
    let items = Set(run.items)
    var isPassing: [ObjectIdentifier: Bool] = [:]
    for (index, step) in steps.enumerated() {
      let rowwise = items.contains(index) ? blocks.rowwiseInputs(of: step.item) : nil
      for (place, input) in step.item.inputs.enumerated() where step.targets[place] != nil {
        isPassing[ObjectIdentifier(input), default: true] =
          isPassing[ObjectIdentifier(input), default: true] && rowwise?[place] == true
      }
    }
    var regions: [ObjectIdentifier: Region] = [:]
    for index in run.items {
      let node = steps[index].item.node
      let id = ObjectIdentifier(node)
      if isPassing[id] == true && !lasting.contains(id) {
        regions[id] = planner.region(rows: rows, columns: node.columns)
      }
    }
    return regions
  }

  private func emit(_ step: Step, block: Block?, _ planner: inout Planner) {
    let stride = planner.precision.stride
    let rowwise = block == nil ? nil : blocks.rowwiseInputs(of: step.item)
    func part(_ region: Region, _ isRowwise: Bool) -> Region {
      if isRowwise, let block { region.slice(block.rows, stride: stride) } else { region }
    }
    func gradientPart(_ region: Region, of node: Node, _ isRowwise: Bool) -> Region {
      if isRowwise, let block, let passing = block.passing[ObjectIdentifier(node)] {
        return passing.slice(0..<block.rows.count, stride: stride)
      }
      return part(region, isRowwise)
    }
    let isDivided = rowwise != nil
    var gradient = gradientPart(step.outputGradient, of: step.item.node, isDivided)
    if let copy = step.copy.map({ part($0, isDivided) }) {
      planner.copy(gradient, to: copy)
      gradient = copy
    }
    let isRowwise = rowwise ?? step.item.inputs.map { _ in false }
    let inputs = zip(step.item.inputs.compactMap { regions[ObjectIdentifier($0)] }, isRowwise).map(part)
    let isLater = (block?.number ?? 0) > 0
    let targets = step.item.inputs.indices.map { index in
      step.targets[index].map {
        // What is whole collects the shares of all blocks.
        GradientTarget(
          region: gradientPart($0.region, of: step.item.inputs[index], isRowwise[index]),
          accumulates: $0.accumulates || (isLater && !isRowwise[index]))
      }
    }
    step.item.operation.planGradient(
      &planner,
      GradientStep(
        inputs: inputs, output: part(step.output, isDivided), outputGradient: gradient,
        auxiliary: auxiliaries[ObjectIdentifier(step.item.node)]?[isDivided ? block?.number ?? 0 : 0],
        targets: targets))
  }

  private mutating func gradientRegion(of node: Node, _ planner: inout Planner) -> Region {
    if let region = gradients[ObjectIdentifier(node)] { return region }
    let region = planner.region(rows: node.rows, columns: node.columns)
    gradients[ObjectIdentifier(node)] = region
    return region
  }
}
