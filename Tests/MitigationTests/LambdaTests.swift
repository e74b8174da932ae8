import Foundation
import Mitigation
import Testing

@Suite struct LambdaTests {
  @Test func stepsByHand() {
    var controller = LambdaController(lambda: [1, 0], rate: 10, bound: 3, margin: 2, patience: 2)
    controller.observe([
      .init(attribute: 0, violation: 0.1, standardError: 0.02), .init(attribute: 0, violation: 0.12),
      .init(attribute: 1, violation: -0.05, standardError: 0.01),
    ])
    // 0.1 + 2 · 0.02 is the larger of the first attribute's; the second's has room.
    #expect(abs(controller.lambda[0] - 2.4) < 1e-12)
    #expect(controller.lambda[1] == 0)
    #expect(controller.state == .searching)
    controller.observe([.init(attribute: 0, violation: 1), .init(attribute: 1, violation: -0.05, standardError: 0.03)])
    #expect(controller.lambda[0] == 3)
    #expect(abs(controller.lambda[1] - 0.1) < 1e-12)
    for _ in 0..<2 { controller.observe([.init(attribute: 0, violation: 1)]) }
    #expect(controller.state == .exhausted)
    for _ in 0..<2 {
      controller.observe([.init(attribute: 0, violation: -0.01), .init(attribute: 1, violation: -0.1)])
    }
    #expect(controller.state == .settled)
    controller.backOff(to: 0.5)
    #expect(abs(controller.lambda[0] - 1.4) < 1e-12)
    #expect(controller.state == .searching)
  }

  /// A planted response: the gap falls with λ and is seen with noise. λ settles where the target holds with its margin.
  @Test func settlesOnAPlantedResponse() {
    var controller = LambdaController(lambda: [0], rate: 4, bound: 50, margin: 1, patience: 5)
    var steps = 0
    while controller.state == .searching && steps < 2000 {
      let noise = 0.004 * sin(Double(steps * 37))
      let gap = 0.2 / (1 + controller.lambda[0]) + noise
      controller.observe([.init(attribute: 0, violation: gap - 0.05, standardError: 0.004)])
      steps += 1
    }
    #expect(controller.state == .settled)
    #expect(controller.lambda[0] > 3 && controller.lambda[0] < 6, "\(controller.lambda)")
  }

  @Test func whatIsNotFiniteMovesNothing() {
    var controller = LambdaController(lambda: [1, 1], rate: 1, bound: 2, margin: 0, patience: 1)
    controller.observe([.init(attribute: 0, violation: .nan), .init(attribute: 1, violation: -0.5)])
    #expect(controller.lambda == [1, 0.5])
    #expect(controller.state == .searching)
    controller.observe([])
    #expect(controller.lambda == [1, 0.5])
    #expect(controller.state == .searching)
  }

  @Test func aStoredStateGoesOnAlike() throws {
    var controller = LambdaController(lambda: [1], rate: 1, bound: 2, patience: 2)
    controller.observe([.init(attribute: 0, violation: -0.1)])
    var restored = try JSONDecoder().decode(LambdaController.self, from: JSONEncoder().encode(controller))
    restored.observe([.init(attribute: 0, violation: -0.1)])
    #expect(restored.state == .settled)
  }

  @Test func schedules() {
    #expect(LambdaSchedule.constant.factor(step: 7, of: 10) == 1)
    #expect(LambdaSchedule.ramp.factor(step: 0, of: 10) == 0)
    #expect(abs(LambdaSchedule.ramp.factor(step: 9, of: 10) - (2 / (1 + exp(-10.0)) - 1)) < 1e-12)
    #expect(LambdaSchedule.squareRoot.factor(step: 15, of: 10) == 4)
  }

  @Test func entropies() throws {
    #expect(abs(try #require(LossScale.entropy([5, 5])) - log(2)) < 1e-12)
    #expect(abs(try #require(LossScale.entropy([1, 0, 3])) - (log(4) - 0.75 * log(3))) < 1e-12)
    #expect(LossScale.entropy([4, 0]) == nil)
    #expect(LossScale.entropy([]) == nil)
    #expect(LossScale.coefficient(lambda: 2, labels: [1, 1], groups: [0, 3]) == nil)
    #expect(abs(try #require(LossScale.coefficient(lambda: 2, labels: [3, 3], groups: [1, 1])) - 2) < 1e-12)
  }
}
