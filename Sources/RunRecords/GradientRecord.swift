import FairnessMetrics
import OrderedJSON

/// How the classifier's gradient of its own loss and that of the adversary's stood to each other in an epoch of the game.
public struct GradientRecord: Sendable, Equatable {
  /// An attribute's part.
  public struct Attribute: Sendable, Equatable {
    public var name: String

    /// The adversary's loss over the training rows.
    public var adversaryLoss: Double

    /// The entropy of the attribute's groups over the same rows, in nats: what a cross-entropy comes to where nothing can
    /// be read off. A continuous attribute has none.
    public var entropy: MetricValue

    public init(_ name: String, adversaryLoss: Double, entropy: MetricValue) {
      self.name = name
      self.adversaryLoss = adversaryLoss
      self.entropy = entropy
    }
  }

  /// The mean angle over the steps, in degrees.
  public var angle: MetricValue

  /// The mean share of the squared gradient that the projection took out.
  public var removedShare: MetricValue

  public var attributes: [Attribute]

  public init(angle: MetricValue, removedShare: MetricValue, attributes: [Attribute]) {
    self.angle = angle
    self.removedShare = removedShare
    self.attributes = attributes
  }

  /// The record under the key `gradients` of `epochs.jsonl`.
  var json: JSON {
    var record = RecordWriting()
    record.add("angle", angle)
    record.add("removedShare", removedShare)
    record.add(
      "attributes",
      .object(
        attributes.map { attribute in
          var entry = RecordWriting()
          entry.add("adversaryLoss", .number(JSONNumber(attribute.adversaryLoss)))
          entry.add("entropy", attribute.entropy)
          return JSON.Member(attribute.name, entry.json)
        }))
    return record.json
  }

  init(_ record: RecordReading) throws(RecordError) {
    var found: [Attribute] = []
    for (name, entry) in try record.object("attributes").objects() {
      found.append(
        Attribute(name, adversaryLoss: try entry.double("adversaryLoss"), entropy: try entry.metric("entropy")))
    }
    self.init(
      angle: try record.metric("angle"), removedShare: try record.metric("removedShare"), attributes: found)
  }
}
