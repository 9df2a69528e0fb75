import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import net.minidev.json.JSONObject;
import net.minidev.json.JSONValue;
import org.apache.velocity.VelocityContext;
import org.apache.velocity.app.VelocityEngine;
import org.apache.velocity.runtime.RuntimeConstants;
import org.apache.velocity.runtime.log.NullLogChute;

/**
 * Reads {"template": …, "variables": {…}} per line and writes what Apache Velocity 1.7, with its
 * default settings, renders: {"output": …}, or {"error": …} when it does not parse or fails.
 */
public final class VelocityOracle {
  public static void main(String[] args) throws Exception {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      Map<?, ?> each = (Map<?, ?>) JSONValue.parseKeepingOrder(line);
      // A new engine for each case: macros are kept by the engine.
      VelocityEngine engine = new VelocityEngine();
      engine.setProperty(RuntimeConstants.RUNTIME_LOG_LOGSYSTEM, new NullLogChute());
      engine.setProperty(RuntimeConstants.VM_LIBRARY, "");
      engine.setProperty(RuntimeConstants.VM_PERM_ALLOW_INLINE, true);
      engine.init();
      VelocityContext context = new VelocityContext();
      for (Map.Entry<?, ?> variable : ((Map<?, ?>) each.get("variables")).entrySet()) {
        context.put((String) variable.getKey(), plain(variable.getValue()));
      }
      JSONObject answer = new JSONObject();
      StringWriter writer = new StringWriter();
      try {
        engine.evaluate(context, writer, "case", (String) each.get("template"));
        answer.put("output", writer.toString());
      } catch (Throwable error) {
        answer.put("error", error.getClass().getSimpleName());
        answer.put("message", String.valueOf(error.getMessage()).split("\n")[0]);
      }
      out.println(answer.toJSONString());
    }
  }

  /** JSON as ordinary Java collections, whose text is Java's and not JSON. */
  private static Object plain(Object value) {
    if (value instanceof Map) {
      Map<String, Object> map = new java.util.LinkedHashMap<>();
      for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
        map.put((String) entry.getKey(), plain(entry.getValue()));
      }
      return map;
    }
    if (value instanceof java.util.List) {
      java.util.List<Object> list = new java.util.ArrayList<>();
      for (Object element : (java.util.List<?>) value) {
        list.add(plain(element));
      }
      return list;
    }
    return value;
  }
}
