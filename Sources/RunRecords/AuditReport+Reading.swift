import Auditing
import FairnessMetrics
import OrderedJSON

// What `AuditReport+JSON.swift` wrote. The settings of the families are not in the record: those that it gives are the
// customary ones.

extension AuditReport {
  init(_ record: RecordReading) throws(RecordError) {
    let (folds, permutations) = (try record.integer("folds"), try record.integer("permutations"))
    let (level, confidence) = (try record.double("level"), try record.double("confidence"))
    let rowLimit = try record.integer("rowLimit")
    guard 3...64 ~= folds, permutations > 0, rowLimit > 0, level > 0, level < 1, confidence > 0, confidence < 1 else {
      throw record.failure("folds", "and the settings beside it lie out of range")
    }
    guard let seed = UInt64(try record.text("seed")) else { throw record.failure("seed", "should be a whole number") }
    var attributes: [AttributeAudit] = []
    for (name, object) in try record.object("attributes").objects() {
      attributes.append(try AttributeAudit(name: name, object))
    }
    self.init(
      rows: try record.integer("rows"), rowsGiven: try record.integer("rowsGiven"),
      settings: AuditSettings(
        folds: folds, permutations: permutations, level: level, confidence: confidence, rowLimit: rowLimit, seed: seed),
      attributes: attributes)
  }
}

extension AreaEstimate {
  fileprivate init(_ record: RecordReading) throws(RecordError) {
    if let value = try record.optionalDouble("value") {
      self.init(value, interval: nil)
      if let low = try record.optionalDouble("low"), let high = try record.optionalDouble("high") {
        interval = Interval(low: low, high: high)
      }
    } else {
      self.init(undefinedBecause: try record.text("reason"))
    }
  }
}

extension AttributeAudit {
  fileprivate init(name: String, _ record: RecordReading) throws(RecordError) {
    var groups: [Group] = []
    let sizes = try record.object("groups")
    for group in sizes.keys { groups.append(Group(name: group, rows: try sizes.integer(group))) }
    var adversaries: [FreshAdversaryResult] = []
    for element in try record.elements("adversaries") {
      adversaries.append(try FreshAdversaryResult(record.inside(element, "adversaries")))
    }
    self.init(
      name: name, verdict: try record.choice("verdict", Verdict.self),
      reason: record.contains("reason") ? try record.text("reason") : nil, groups: groups,
      missingRows: try record.integer("missingRows"),
      gameAdversary: record.isNull("gameAdversary") ? nil : try AreaEstimate(record.object("gameAdversary")),
      adversaries: adversaries)
  }
}

extension FreshAdversaryResult {
  fileprivate init(_ record: RecordReading) throws(RecordError) {
    var source: Source?
    if record.contains("sameAs") {
      let object = try record.object("sameAs")
      source = Source(view: try object.text("view"), family: try object.text("family"))
    }
    var groups: [GroupArea] = []
    if record.contains("groups") {
      for (name, object) in try record.object("groups").objects() {
        groups.append(GroupArea(group: name, area: try AreaEstimate(object)))
      }
    }
    var advantage: Advantage?
    if record.contains("advantage") {
      let object = try record.object("advantage")
      advantage = Advantage(
        difference: try object.double("difference"),
        interval: Interval(low: try object.double("low"), high: try object.double("high")),
        pValue: try object.double("pValue"))
    }
    self.init(
      view: try record.text("view"), isSeenByGame: try record.flag("isSeenByGame"), family: try record.text("family"),
      sameAs: source, area: try AreaEstimate(record.object("rocAUC")), groups: groups,
      pValue: try record.optionalDouble("pValue"), correctedPValue: try record.optionalDouble("correctedPValue"),
      advantage: advantage)
  }
}

extension ProxyReport {
  init(_ record: RecordReading) throws(RecordError) {
    var attributes: [Attribute] = []
    for (name, object) in try record.object("attributes").objects() {
      var features: [Feature] = []
      for element in try object.elements("features") {
        let feature = try object.inside(element, "features")
        features.append(
          Feature(
            name: try feature.text("feature"), columns: try feature.integer("columns"),
            area: try AreaEstimate(feature.object("rocAUC"))))
      }
      attributes.append(
        Attribute(name: name, together: try AreaEstimate(object.object("allFeatures")), features: features))
    }
    self.init(rows: try record.integer("rows"), family: try record.text("family"), attributes: attributes)
  }
}
