import Auditing
import FairnessMetrics
import OrderedJSON

extension AreaEstimate {
  /// `{"value", "low", "high"}`, and `reason` where there is no value.
  public var json: JSON {
    var members: [JSON.Member] = [
      .init("value", JSON(value)), .init("low", JSON(interval?.low)), .init("high", JSON(interval?.high)),
    ]
    if let reason { members.append(.init("reason", .string(reason))) }
    return .object(members)
  }
}

extension AuditReport {
  /// The report under the keys of `audit.json`.
  public var json: JSON {
    [
      "rows": .number(JSONNumber(rows)), "rowsGiven": .number(JSONNumber(rowsGiven)),
      "folds": .number(JSONNumber(settings.folds)), "permutations": .number(JSONNumber(settings.permutations)),
      "level": .number(JSONNumber(settings.level)), "confidence": .number(JSONNumber(settings.confidence)),
      "rowLimit": .number(JSONNumber(settings.rowLimit)), "seed": .string(String(settings.seed)),
      "attributes": .object(attributes.map { JSON.Member($0.name, $0.json(level: settings.level)) }),
    ]
  }
}

extension AuditReport {
  /// What the audit came to: for each attribute the verdict, the game's own adversary and the strongest ones.
  public var headline: JSON {
    .object(
      attributes.map { attribute in
        JSON.Member(
          attribute.name,
          [
            "verdict": .string(attribute.verdict.rawValue), "gameAdversary": attribute.gameAdversary?.json ?? .null,
            "readings": attribute.readingsJSON(level: settings.level),
          ])
      })
  }
}

extension AttributeAudit {
  fileprivate func readingsJSON(level: Double) -> JSON {
    .object(readings(level: level).map { JSON.Member($0.source, $0.json) })
  }

  fileprivate func json(level: Double) -> JSON {
    var members = [JSON.Member("verdict", .string(verdict.rawValue))]
    if let reason { members.append(.init("reason", .string(reason))) }
    return .object(
      members + [
        .init("groups", .object(groups.map { JSON.Member($0.name, .number(JSONNumber($0.rows))) })),
        .init("missingRows", .number(JSONNumber(missingRows))),
        .init("gameAdversary", gameAdversary?.json ?? .null),
        .init("readings", readingsJSON(level: level)),
        .init("adversaries", .array(adversaries.map(\.json))),
      ])
  }
}

extension AttributeAudit.Reading {
  /// The strongest adversary in short; the list of all has the rest.
  fileprivate var json: JSON {
    [
      "isRead": .bool(isRead), "view": .string(strongest.view), "family": .string(strongest.family),
      "rocAUC": strongest.area.json, "correctedPValue": JSON(strongest.correctedPValue),
    ]
  }
}

extension FreshAdversaryResult {
  fileprivate var json: JSON {
    var members: [JSON.Member] = [
      .init("view", .string(view)), .init("family", .string(family)), .init("isSeenByGame", .bool(isSeenByGame)),
    ]
    if let sameAs {
      members.append(.init("sameAs", ["view": .string(sameAs.view), "family": .string(sameAs.family)]))
    }
    members.append(.init("rocAUC", area.json))
    if !groups.isEmpty {
      members.append(.init("groups", .object(groups.map { JSON.Member($0.group, $0.area.json) })))
    }
    members.append(.init("pValue", JSON(pValue)))
    members.append(.init("correctedPValue", JSON(correctedPValue)))
    if let advantage {
      members.append(
        .init(
          "advantage",
          [
            "difference": JSON(advantage.difference), "low": JSON(advantage.interval.low),
            "high": JSON(advantage.interval.high), "pValue": JSON(advantage.pValue),
          ]))
    }
    return .object(members)
  }
}

extension ProxyReport {
  /// The report as `audit.json` has it under `proxies`.
  public var json: JSON {
    [
      "rows": .number(JSONNumber(rows)), "family": .string(family),
      "attributes": .object(
        attributes.map { attribute in
          JSON.Member(
            attribute.name,
            [
              "allFeatures": attribute.together.json,
              "features": .array(
                attribute.features.map {
                  ["feature": .string($0.name), "columns": .number(JSONNumber($0.columns)), "rocAUC": $0.area.json]
                }),
            ])
        }),
    ]
  }
}

extension JSON {
  /// A number, or null where there is none.
  fileprivate init(_ number: Double?) {
    self = number.map { .number(JSONNumber($0)) } ?? .null
  }
}
