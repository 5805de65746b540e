package ai.cacheblend.orchestrator.client;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How a worker's device was doing at a moment; empty where the worker does not tell.
 *
 * @param throttledBy what held its clocks down, by the names of the contract; idling is no reason
 * @param figures clocks, power, temperature, memory, under the names of the contract
 */
public record DeviceState(List<String> throttledBy, Map<String, Object> figures) {
  public static final DeviceState UNKNOWN = new DeviceState(List.of(), Map.of());

  public DeviceState {
    throttledBy = List.copyOf(throttledBy);
    figures = Collections.unmodifiableMap(new LinkedHashMap<>(figures));
  }
}
