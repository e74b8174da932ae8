import Autograd
import LinearAlgebra
import Testing

@Suite struct DropoutTests {
  @Test(arguments: [0.2, 0.5, 0.9])
  func keepsTheMeanAndTheShare(probability: Double) {
    let ones = Tensor<Float>.constant(Matrix(rows: 200, columns: 501, repeating: 1))
    let dropped = dropout(ones, probability: probability, noise: NoiseSource(RandomStream(seed: 5)))
    let program = Program(values: [dropped])
    program.run()
    let values = program.value(of: dropped).values
    let kept = Float(1 / (1 - probability))
    #expect(values.allSatisfy { $0 == 0 || $0 == kept })
    let share = Double(values.count { $0 == 0 }) / Double(values.count)
    // Five standard errors of a share among 100,200.
    #expect(abs(share - probability) < 5 * (probability * (1 - probability) / Double(values.count)).squareRoot())
    program.run()
    #expect(program.value(of: dropped).values != values, "each run draws anew")
  }

  @Test func fusedDropoutHasTheGradientOfItsMask() {
    let x: Matrix<Float> = Matrix(rows: 16, columns: 8, values: (0..<128).map { Float($0 % 7) - 2.5 })
    let weight: Matrix<Float> = Matrix(rows: 8, columns: 24, values: (0..<192).map { Float($0 % 5) - 1.5 })
    let bias = Matrix<Float>(rows: 1, columns: 24, repeating: 0.25)
    func run(fusing: Bool) -> ([Float], [[Float]]) {
      let input = Tensor<Float>.constant(x)
      let (w, b) = (Tensor<Float>.constant(weight), Tensor<Float>.constant(bias))
      let hidden = dropout(
        relu(matmul(input, w) + b), probability: 0.4, noise: NoiseSource(RandomStream(seed: 3)))
      let loss = (hidden * .constant(Matrix(rows: 16, columns: 24, values: (0..<384).map { Float($0 % 11) }))).sum()
      let program = Program(
        values: [hidden, loss], gradients: [.init(of: loss, withRespectTo: [input, w, b])], fusing: fusing)
      program.run()
      return (program.value(of: hidden).values, program.tensorGradients(0).map(\.values))
    }
    // Rows of 24 columns draw two blocks of sixteen in the fused kernel and share blocks in the plain one, so the
    // masks differ; each must be consistent in itself.
    for fusing in [true, false] {
      let (hidden, gradients) = run(fusing: fusing)
      let scale = Float(1 / (1 - 0.4))
      var biasGradient = [Float](repeating: 0, count: 24)
      for row in 0..<16 {
        for column in 0..<24 where hidden[row * 24 + column] != 0 {
          biasGradient[column] += scale * Float((row * 24 + column) % 11)
        }
      }
      for (gradient, expected) in zip(gradients[2], biasGradient) { #expect(abs(gradient - expected) < 1e-3) }
      #expect(hidden.contains(0) && hidden.contains { $0 > 0 })
    }
  }

  @Test func stateContinues() {
    let noise = NoiseSource(RandomStream(seed: 9))
    let dropped = dropout(
      Tensor<Float>.constant(Matrix(rows: 4, columns: 40, repeating: 1)), probability: 0.5, noise: noise)
    let program = Program(values: [dropped])
    program.run()
    let state = noise.state
    program.run()
    let second = program.value(of: dropped)
    noise.state = state
    program.run()
    #expect(program.value(of: dropped) == second)
  }
}
