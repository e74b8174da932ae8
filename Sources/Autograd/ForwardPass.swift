/// Plans the values of all nodes, inputs first.
struct ForwardPass {
  let planned: [PlannedNode]
  let regions: [ObjectIdentifier: Region]
  let blocks: RowBlocks

  /// Emits the instructions, and returns what derivatives need besides the values, for each block of a node's rows.
  func plan(_ planner: inout Planner) -> [ObjectIdentifier: [Region?]] {
    var auxiliaries: [ObjectIdentifier: [Region?]] = [:]
    for run in blocks.runs(of: planned, isBackward: false) {
      guard let batch = run.batch else {
        for index in run.items { plan(planned[index], rows: nil, &planner, &auxiliaries) }
        continue
      }
      for (number, range) in blocks.blocks(of: batch).enumerated() {
        for index in run.items where number == 0 || !planned[index].inputs.isEmpty {
          plan(planned[index], rows: range, &planner, &auxiliaries)
        }
      }
    }
    return auxiliaries
  }

  private func plan(
    _ item: PlannedNode, rows: Range<Int>?, _ planner: inout Planner,
    _ auxiliaries: inout [ObjectIdentifier: [Region?]]
  ) {
    let id = ObjectIdentifier(item.node)
    guard var output = regions[id] else { return }
    var inputs = item.inputs.compactMap { regions[ObjectIdentifier($0)] }
    if let rows, let rowwise = blocks.rowwiseInputs(of: item) {
      let stride = planner.precision.stride
      output = output.slice(rows, stride: stride)
      inputs = zip(inputs, rowwise).map { $1 ? $0.slice(rows, stride: stride) : $0 }
    }
    auxiliaries[id, default: []].append(item.operation.planValue(&planner, inputs: inputs, output: output))
  }
}
