import AdversarialGame
import Autograd
import Benchmark
import LinearAlgebra
import NeuralNetworks
import TabularData

/// Whole steps of the classifier, and short trainings.
func steps() -> BenchmarkSuite {
  BenchmarkSuite(name: "steps") { suite in
    guard let data = try? CatalogEntry.adult.recipe.prepare(CensusSimulator().rows(count: 36_000, seed: 7)),
      let training = data[.train]
    else { preconditionFailure("the census simulator's rows cannot be prepared") }
    let network = Perceptron(inputs: training.features.columns, hidden: [32, 32, 32], outputs: 1, dropout: 0.2)
    var stream = RandomStream(seed: 1)
    let parameters: Parameters<Float> = network.initialParameters(using: &stream)

    for (name, rows) in [
      ("sparse", FeatureRows(training.features, base: training.baseRow)), ("dense", FeatureRows(training.features)),
    ] {
      for size in [32, 512, 4096] {
        let storage = ParameterStorage(parameters)
        let x = Tensor<Float>.rows(size, of: rows)
        let y = Tensor<Float>.input(rows: size, columns: 1)
        let logits = network(x, storage.tensors, mode: .training(NoiseSource(RandomStream(seed: 2))))
        let loss = binaryCrossEntropy(logits: logits, targets: y)
        let program = Program(values: [loss], gradients: [.init(of: loss, withRespectTo: storage)])
        let optimizer = Optimizer(OptimizerSettings(), of: storage)
        program.select(x, rows: (0..<size).map { Int32($0) })
        suite.benchmark("classifier, \(name) rows, batch \(size)") {
          program.run()
          optimizer.step(gradient: program.gradientPointer(0))
        }
      }
    }

    for batchSize in [32, 512] {
      for (name, phase) in [("classifier's pass", TrainingPhase.classifier), ("game epoch", .game)] {
        var settings = GameSettings()
        settings.batchSize = batchSize
        settings.classifierEpochs = phase == .classifier ? 1 : 0
        settings.adversaryEpochs = 0
        settings.gameEpochs = phase == .game ? 1 : 0
        suite.benchmark("training of one \(name), planned and evaluated, batch \(batchSize)") {
          let attributes = SensitiveAttribute.attributes(of: training.sensitive)
          let trainer = try GameTrainer(
            network: network, adversary: PredictionAdversary(attributes: attributes),
            objective: GameObjective(lambda: [130, 30]), splits: [("train", training)], settings: settings, seed: 7)
          _ = try trainer.train()
        }
      }
    }
  }
}
