import Autograd
import FairnessMetrics
import LinearAlgebra
import NeuralNetworks
import TabularData

/// Trains a `CellPredictor` by cross-fitting: for each fold of the rows a pair of networks on the other folds.
///
/// A fold's pair predicts the fold's own rows, which it has not seen, so that multipliers found on these predictions hold
/// on new rows as well; there all pairs are averaged. Folds hold equal shares of every cell.
///
/// - Source: Chernozhukov et al. (2018), Econometrics Journal 21, for cross-fitting.
public struct CrossFitting: Sendable {
  /// How the networks are trained.
  public struct Settings: Sendable, Hashable {
    /// The folds, at least 2.
    public var folds = 5

    /// The units of the hidden layers of both networks.
    public var hidden = [32, 32, 32]
    public var activation = Activation.relu
    public var dropout = 0.0

    /// The passes over the rows.
    public var epochs = 12

    /// The rows of a mini-batch; an incomplete last one is left out.
    public var batchSize = 64

    public var optimizer = OptimizerSettings()

    /// Whether the learning rate falls along half a cosine to 0 at the end, whatever the optimizer's own schedule.
    public var decaysToZero = false

    /// Whether folds are trained at the same time, a thread each; the result is the same.
    public var isParallel = true

    public init() {}
  }

  /// The predictor.
  public let predictor: CellPredictor

  /// How likely each cell is for each training row, `[n, cells]`, by the pair that has not seen it.
  public let outOfFold: Matrix<Float>

  /// - Parameters:
  ///   - dataset: The training rows.
  ///   - rows: Their cells.
  ///   - seed: Determines everything random.
  /// - Throws: `MitigationError.settings` for settings that no training can follow, and `.lossNotFinite`, its iteration
  ///   being the epoch.
  public init(
    _ dataset: Dataset, cells rows: RateConstraintRows, settings: Settings = .init(), seed: UInt64
  ) throws(MitigationError) {
    precondition(rows.rows == dataset.rows, "CrossFitting: cells of \(rows.rows) rows, not \(dataset.rows)")
    guard settings.folds >= 2, settings.epochs >= 1, settings.batchSize >= 1 else {
      throw .settings("cross-fitting needs at least 2 folds, an epoch and a row in a batch.")
    }
    let smallest = dataset.rows - (dataset.rows + settings.folds - 1) / settings.folds
    guard smallest >= settings.batchSize else {
      throw .settings(
        "\(dataset.rows) rows in \(settings.folds) folds leave \(smallest) to train on, fewer than a batch of "
          + "\(settings.batchSize). Choose a smaller batch, or fewer folds.")
    }
    let root = RandomStream(seed: seed)
    var order = root.split("folds")
    let folds = Self.folds(rows.cells, cellCount: rows.cellCount, count: settings.folds, using: &order)
    let features = dataset.featureRows
    func network(_ outputs: Int) -> Perceptron {
      Perceptron(
        inputs: dataset.featureCount, hidden: settings.hidden, outputs: outputs, activation: settings.activation,
        dropout: settings.dropout)
    }
    let (labelNetwork, groupNetwork) = (network(1), network(rows.cellCount))
    let results = Parallel.map(settings.folds, threads: settings.isParallel ? settings.folds : 1) { fold in
      let training = (0..<settings.folds).filter { $0 != fold }.flatMap { folds[$0] }
      return Result { () throws(MitigationError) in
        let trainer = CellTraining(features: features, dataset: dataset, cells: rows.cells, settings: settings)
        let stream = root.split("fold").split(UInt64(fold))
        return CellPredictor.Member(
          label: try trainer.train(labelNetwork, heads: 0, on: training, stream: stream.split("label")),
          groups: try trainer.train(
            groupNetwork, heads: rows.cellCount / 2, on: training, stream: stream.split("groups")))
      }
    }
    var members: [CellPredictor.Member] = []
    for result in results { members.append(try result.get()) }
    let predictor = CellPredictor(labelNetwork: labelNetwork, groupNetwork: groupNetwork, members: members)
    var outOfFold = [Float](repeating: 0, count: dataset.rows * rows.cellCount)
    for (member, fold) in zip(members, folds) {
      let values = predictor.probabilities(member, of: features, at: fold)
      for (place, row) in fold.enumerated() {
        for cell in 0..<rows.cellCount {
          outOfFold[Int(row) * rows.cellCount + cell] = values[place * rows.cellCount + cell]
        }
      }
    }
    self.predictor = predictor
    self.outOfFold = Matrix(rows: dataset.rows, columns: rows.cellCount, values: outOfFold)
  }

  /// Deals the rows of each cell, in random order, to the folds in turn.
  private static func folds(
    _ cells: [Int32], cellCount: Int, count: Int, using stream: inout RandomStream
  ) -> [[Int32]] {
    var ofCell = [[Int32]](repeating: [], count: cellCount)
    for (row, cell) in cells.enumerated() { ofCell[Int(cell)].append(Int32(row)) }
    var folds = [[Int32]](repeating: [], count: count)
    var next = 0
    for cell in ofCell.indices {
      stream.shuffle(&ofCell[cell])
      for row in ofCell[cell] {
        folds[next].append(row)
        next = (next + 1) % count
      }
    }
    return folds
  }
}
