import Autograd
import Benchmark
import LinearAlgebra
import NeuralNetworks

/// What a step consists of, forward and backward, at the article's sizes.
func operations() -> BenchmarkSuite {
  BenchmarkSuite(name: "operations") { suite in
    func hundred(_ name: String, _ work: @escaping () -> Void) {
      suite.benchmark("\(name) ×100") { for _ in 0..<100 { work() } }
    }
    func program(
      _ name: String, _ values: [Tensor<Float>], gradient: (of: Tensor<Float>, inputs: [Tensor<Float>])? = nil
    ) {
      let requests = gradient.map { [Program.GradientRequest(of: $0.of, withRespectTo: $0.inputs)] } ?? []
      let program = Program(values: values, gradients: requests)
      hundred(name) { program.run() }
    }

    for (rows, inner, columns) in [(32, 93, 32), (32, 32, 32), (32, 32, 1), (512, 32, 32), (4096, 32, 32)] {
      let a = Tensor<Float>.input(rows: rows, columns: inner)
      let b = Tensor<Float>.input(rows: inner, columns: columns)
      let product = matmul(a, b)
      program("product \(rows)×\(inner)×\(columns)", [product])
      program(
        "product \(rows)×\(inner)×\(columns) and its gradients", [], gradient: (product.sum(), [a, b]))
    }

    let noise = NoiseSource(RandomStream(seed: 1))
    for rows in [32, 512] {
      let x = Tensor<Float>.input(rows: rows, columns: 32)
      program("relu \(rows)×32 and its gradient", [], gradient: (relu(x).sum(), [x]))
      program("dropout \(rows)×32", [dropout(x, probability: 0.2, noise: noise)])
      let layer = Linear(inputs: 32, outputs: 32)
      var stream = RandomStream(seed: 2)
      let storage = ParameterStorage<Float>(layer.initialParameters(using: &stream))
      let output = Mode.training(noise).dropout(relu(layer(x, storage.tensors)), probability: 0.2)
      let dense = Program(values: [output], gradients: [.init(of: output.sum(), withRespectTo: storage)])
      hundred("dense layer, relu, dropout \(rows)×32×32 and its gradients") { dense.run() }
      let logits = Tensor<Float>.input(rows: rows, columns: 1)
      let targets = Tensor<Float>.input(rows: rows, columns: 1)
      program(
        "binary cross-entropy \(rows) and its gradient", [],
        gradient: (binaryCrossEntropy(logits: logits, targets: targets), [logits]))
    }

    var stream = RandomStream(seed: 3)
    let parameters: Parameters<Float> = Perceptron(inputs: 93, hidden: [32, 32, 32], outputs: 1)
      .initialParameters(using: &stream)
    let storage = ParameterStorage(parameters)
    for (name, rule) in [
      ("Adam", UpdateRule.adam()), ("SGD with momentum", .sgd(momentum: 0.9)), ("Adagrad", .adagrad()),
    ] {
      let optimizer = Optimizer(OptimizerSettings(rule), of: storage)
      let gradient = UnsafeMutablePointer<Float>.allocate(capacity: storage.count)
      gradient.initialize(repeating: 1e-3, count: storage.count)
      hundred("\(name) on \(storage.count) parameters") { optimizer.step(gradient: gradient) }
    }
    var shuffled = [Int32](0..<15_470)
    suite.benchmark("shuffle of 15,470 rows") { stream.shuffle(&shuffled) }
  }
}
