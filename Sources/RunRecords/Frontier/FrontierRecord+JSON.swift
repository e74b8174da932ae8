import FairnessMetrics
import OrderedJSON

extension FrontierRecord {
  /// The record under the keys of `frontier.json`; equal frontiers give equal bytes.
  public var json: JSON {
    [
      "format": .number(JSONNumber(Self.format)), "name": .string(name), "axis": axis.json,
      "metric": ["expression": .string(metric), "better": .string(isGreaterBetter ? "greater" : "smaller")],
      "seeds": .array(seeds.map { .number(JSONNumber($0)) }), "confidence": .number(JSONNumber(confidence)),
      "judgedOn": .string(judgedOn), "points": .array(points.map(\.json)),
      "knee": choice(knee), "cheapestFeasible": choice(cheapestFeasible),
      "notices": .array(notices.map(JSON.string)),
    ]
  }

  private func choice(_ choice: Choice) -> JSON {
    switch choice {
    case .point(let index):
      ["point": .number(JSONNumber(index)), "value": .number(JSONNumber(points[index].value))]
    case .none(let reason): ["point": .null, "reason": .string(reason)]
    }
  }
}

extension FrontierRecord.Axis {
  fileprivate var json: JSON {
    switch self {
    case .bound(let targets): ["varied": .string("bound"), "targets": .array(targets.map(JSON.string))]
    case .lambda(let attribute): ["varied": .string("lambda"), "attribute": attribute.map(JSON.string) ?? .null]
    }
  }
}

extension FrontierRecord.Point {
  var json: JSON {
    [
      "value": .number(JSONNumber(value)), "set": .array(settings.map(JSON.string)), "isPareto": .bool(isPareto),
      "judged": judged.json, "test": test?.json ?? .null,
      "conditions": .array(
        conditions.map {
          [
            "condition": .string($0.text), "value": $0.value.json, "holds": .bool($0.holds),
            "seedsHolding": .number(JSONNumber($0.seedsHolding)),
          ]
        }),
      "statuses": .object(
        statuses.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .number(JSONNumber($0.value))) }),
      "nearlyConstant": .array(nearlyConstant.map { .number(JSONNumber($0)) }),
      "failures": .array(
        failures.map { ["seed": .number(JSONNumber($0.seed)), "message": .string($0.message)] }),
    ]
  }
}

extension FrontierRecord.Measurement {
  fileprivate var json: JSON {
    [
      "accuracy": accuracy.json, "rocAUC": rocAUC.json, "selectionRate": selectionRate.json, "metric": metric.json,
    ]
  }
}

extension RepeatedEstimate {
  /// `{"mean", "low", "high", "count"}`, and `reason` where there is no mean.
  var json: JSON {
    func number(_ value: Double?) -> JSON { value.map { .number(JSONNumber($0)) } ?? .null }
    var members: [JSON.Member] = [
      .init("mean", number(mean.value)), .init("low", number(interval?.low)), .init("high", number(interval?.high)),
      .init("count", .number(JSONNumber(count))),
    ]
    if let reason = mean.reason { members.append(.init("reason", .string(reason))) }
    return .object(members)
  }
}
