package ai.cacheblend.orchestrator.client;

import ai.cacheblend.proto.v1.DeviceDescription;
import com.google.protobuf.Message;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What a worker says of its device, whatever that is: what it measures differs by device. */
final class DeviceFacts {
  private static final Set<String> WITH_PLACES_OF_THEIR_OWN =
      Set.of("kind", "name", "thread_count", "instruction_set");

  private DeviceFacts() {}

  static WorkerDescription.Device device(DeviceDescription device) {
    Map<String, Object> facts = fields(device);
    facts.keySet().removeAll(WITH_PLACES_OF_THEIR_OWN);
    return new WorkerDescription.Device(
        device.getKind(),
        device.getName(),
        device.getThreadCount(),
        device.getInstructionSet(),
        facts);
  }

  /** The fields that are set, by the names of the contract. */
  private static Map<String, Object> fields(Message message) {
    Map<String, Object> fields = new TreeMap<>();
    message.getAllFields().forEach((field, value) -> fields.put(field.getName(), plain(value)));
    return fields;
  }

  /** Numbers and truth values as they are, lists and messages entry by entry, the rest as text. */
  private static Object plain(Object value) {
    if (value instanceof List<?> list) {
      return list.stream().map(DeviceFacts::plain).toList();
    }
    if (value instanceof Message message) {
      return fields(message);
    }
    return value instanceof Number || value instanceof Boolean ? value : value.toString();
  }
}
