import FairnessMetrics
import OrderedJSON

/// A value of a results file, with the way to it for messages.
struct ReportNode {
  private let json: JSON
  private let path: String

  init(_ json: JSON, _ path: String) {
    self.json = json
    self.path = path
  }

  func failure(_ key: String, _ message: String) -> ReportError {
    ReportError(place: "\(path) \(key)", message: "\(message). The results file is damaged: evaluate again.")
  }

  func contains(_ key: String) -> Bool { json[key] != nil }

  func member(_ key: String) throws(ReportError) -> ReportNode {
    guard let member = json[key], member.members != nil else { throw failure(key, "should be an object") }
    return ReportNode(member, "\(path) \(key).")
  }

  func members() throws(ReportError) -> [JSON.Member] {
    guard let members = json.members else { throw failure("", "should be an object") }
    return members
  }

  func list(_ key: String) throws(ReportError) -> [ReportNode] {
    guard let elements = json[key]?.elements else { throw failure(key, "should be a list") }
    return elements.enumerated().map { ReportNode($1, "\(path) \(key).\($0).") }
  }

  func text(_ key: String) throws(ReportError) -> String {
    guard let text = json[key]?.text else { throw failure(key, "should be a text") }
    return text
  }

  /// The texts of a list under a key, or of this list.
  func texts(_ key: String) throws(ReportError) -> [String] {
    guard let elements = json[key]?.elements else { throw failure(key, "should be a list") }
    return try ReportNode(.array(elements), "\(path) \(key)").texts()
  }

  func texts() throws(ReportError) -> [String] {
    let texts = (json.elements ?? []).compactMap(\.text)
    guard texts.count == json.elements?.count else { throw failure("", "should be a list of texts") }
    return texts
  }

  func integer(_ key: String) throws(ReportError) -> Int {
    guard let integer = json[key]?.integer else { throw failure(key, "should be a whole number") }
    return integer
  }

  func double(_ key: String) throws(ReportError) -> Double {
    guard let double = json[key]?.double, double.isFinite else { throw failure(key, "should be a number") }
    return double
  }

  func boolean(_ key: String) throws(ReportError) -> Bool {
    guard case .bool(let bool)? = json[key] else { throw failure(key, "should be true or false") }
    return bool
  }

  /// A number, or an object that says why there is none.
  func value(_ key: String) throws(ReportError) -> MetricValue {
    if let reason = json[key]?["reason"]?.text { return .undefined(reason) }
    return .defined(try double(key))
  }

  /// The metric that this object is.
  func estimate() throws(ReportError) -> Estimate {
    if json["value"] == .null { return Estimate(value: .undefined(try text("reason")), interval: nil) }
    let value = MetricValue.defined(try double("value"))
    guard json["low"] != .null, json["high"] != .null else { return Estimate(value: value, interval: nil) }
    return Estimate(value: value, interval: Interval(low: try double("low"), high: try double("high")))
  }

  /// The members that are metrics.
  func estimates() throws(ReportError) -> [NamedEstimate] {
    var estimates: [NamedEstimate] = []
    for member in try members() where member.key != "slice" && member.value["value"] != nil {
      estimates.append(
        NamedEstimate(member.key, try ReportNode(member.value, "\(path) \(member.key).").estimate()))
    }
    return estimates
  }
}
