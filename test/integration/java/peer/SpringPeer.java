import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.jms.BytesMessage;
import javax.jms.Connection;
import javax.jms.Destination;
import javax.jms.JMSException;
import javax.jms.MapMessage;
import javax.jms.Message;
import javax.jms.MessageEOFException;
import javax.jms.ObjectMessage;
import javax.jms.Session;
import javax.jms.StreamMessage;
import javax.jms.TextMessage;
import javax.jms.Topic;
import org.apache.activemq.ActiveMQConnectionFactory;
import org.apache.activemq.command.ActiveMQDestination;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.jms.annotation.JmsListener;
import org.springframework.jms.annotation.JmsListenerAnnotationBeanPostProcessor;
import org.springframework.jms.config.DefaultJmsListenerContainerFactory;
import org.springframework.jms.config.JmsListenerConfigUtils;
import org.springframework.jms.config.JmsListenerEndpointRegistry;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.jms.support.converter.MappingJackson2MessageConverter;
import org.springframework.jms.support.converter.MessageConverter;
import org.springframework.jms.support.converter.MessageType;
import org.springframework.jms.support.converter.SimpleMessageConverter;

/** A Spring application on ActiveMQ's own client: takes orders as lines of JSON on its input, answers on its output, ends with its input. */
public class SpringPeer {
  static final ObjectMapper JSON = new ObjectMapper();
  static ActiveMQConnectionFactory factory;

  /** What the JSON converter makes of the type id `order`. */
  public static class Order {
    public String id;
    public double total;
  }

  /** Listeners as a Spring application has them. */
  public static class Listeners {
    /** Its return value goes to the request's JMSReplyTo. */
    @JmsListener(destination = "spring.double")
    public Order twice(Order order) {
      order.total *= 2;
      return order;
    }

    /** Fails until the client's redelivery policy gives up and the broker dead-letters the message. */
    @JmsListener(destination = "spring.failing", containerFactory = "plainFactory")
    public void fail(String text) {
      throw new IllegalStateException("no stock for " + text);
    }
  }

  public static void main(String[] args) throws Exception {
    // Frameworks print too: the protocol keeps the real output to itself.
    PrintStream out = System.out;
    System.setOut(System.err);
    factory = new ActiveMQConnectionFactory(args[0]);
    factory.getRedeliveryPolicy().setMaximumRedeliveries(1);
    factory.getRedeliveryPolicy().setInitialRedeliveryDelay(10);
    factory.getRedeliveryPolicy().setRedeliveryDelay(10);
    factory.getPrefetchPolicy().setAll(1);
    factory.setTrustAllPackages(true);
    startListeners();
    answer(out, Collections.singletonMap("ready", true));
    ExecutorService pool = Executors.newCachedThreadPool();
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      JsonNode order = JSON.readTree(line);
      pool.execute(() -> {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("id", order.get("id").asInt());
        try {
          answer.put("result", obey(order));
        } catch (Throwable error) {
          answer.put("error", error.toString());
        }
        answer(out, answer);
      });
    }
    System.exit(0);
  }

  static void startListeners() {
    AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
    context.getBeanFactory().registerSingleton("jmsListenerContainerFactory", containerFactory(jsonConverter(MessageType.TEXT)));
    context.getBeanFactory().registerSingleton("plainFactory", containerFactory(new SimpleMessageConverter()));
    context.register(JmsListenerAnnotationBeanPostProcessor.class, Listeners.class);
    context.registerBeanDefinition(
        JmsListenerConfigUtils.JMS_LISTENER_ENDPOINT_REGISTRY_BEAN_NAME, new RootBeanDefinition(JmsListenerEndpointRegistry.class));
    context.refresh();
  }

  static DefaultJmsListenerContainerFactory containerFactory(MessageConverter converter) {
    DefaultJmsListenerContainerFactory containers = new DefaultJmsListenerContainerFactory();
    containers.setConnectionFactory(factory);
    containers.setMessageConverter(converter);
    containers.setSessionTransacted(true);
    containers.setErrorHandler(error -> {});
    return containers;
  }

  static MessageConverter jsonConverter(MessageType target) {
    MappingJackson2MessageConverter converter = new MappingJackson2MessageConverter();
    converter.setTargetType(target);
    converter.setTypeIdPropertyName("_type");
    converter.setTypeIdMappings(Collections.singletonMap("order", Order.class));
    return converter;
  }

  static JmsTemplate template(JsonNode order) {
    JmsTemplate template = new JmsTemplate(factory);
    template.setReceiveTimeout(order.path("timeout").asLong(20_000));
    return template;
  }

  static Destination destination(JsonNode order) {
    return ActiveMQDestination.createDestination(order.get("destination").asText(), ActiveMQDestination.QUEUE_TYPE);
  }

  static Object obey(JsonNode order) throws Exception {
    JmsTemplate template = template(order);
    switch (order.get("do").asText()) {
      case "send":
        template.send(destination(order), session -> message(session, order));
        return true;
      case "convertAndSend":
        template.setMessageConverter(jsonConverter(MessageType.valueOf(order.path("target").asText("TEXT"))));
        template.convertAndSend(destination(order), JSON.treeToValue(order.get("order"), Order.class));
        return true;
      case "receive":
        return describe(order.has("selector")
            ? template.receiveSelected(destination(order), order.get("selector").asText())
            : template.receive(destination(order)));
      case "receiveAndConvert":
        template.setMessageConverter(jsonConverter(MessageType.TEXT));
        Object converted = template.receiveAndConvert(destination(order));
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("class", converted.getClass().getSimpleName());
        result.put("value", converted);
        return result;
      case "sendAndReceive":
        return describe(template.sendAndReceive(destination(order), session -> message(session, order)));
      case "subscribe":
        return subscriber(order, 0);
      case "receiveFromSubscription":
        return subscriber(order, order.path("timeout").asLong(20_000));
      case "consume":
        return consume(order);
      default:
        throw new IllegalArgumentException("no such order: " + order);
    }
  }

  static Message message(Session session, JsonNode order) throws JMSException {
    Message message = body(session, order);
    for (Iterator<Map.Entry<String, JsonNode>> properties = order.path("properties").fields(); properties.hasNext(); ) {
      Map.Entry<String, JsonNode> property = properties.next();
      JsonNode value = property.getValue();
      message.setObjectProperty(property.getKey(), value.isInt() ? (Object) value.asInt() : value.isBoolean() ? value.asBoolean() : value.asText());
    }
    if (order.has("correlationId")) message.setJMSCorrelationID(order.get("correlationId").asText());
    if (order.has("type")) message.setJMSType(order.get("type").asText());
    return message;
  }

  static Message body(Session session, JsonNode order) throws JMSException {
    switch (order.path("kind").asText("TextMessage")) {
      case "TextMessage":
        return session.createTextMessage(order.get("body").asText());
      case "BytesMessage":
        BytesMessage bytes = session.createBytesMessage();
        bytes.writeBytes(Base64.getDecoder().decode(order.get("body").asText()));
        return bytes;
      case "MapMessage":
        MapMessage map = session.createMapMessage();
        map.setString("name", order.get("body").asText());
        map.setInt("count", 7);
        return map;
      case "StreamMessage":
        StreamMessage stream = session.createStreamMessage();
        stream.writeString(order.get("body").asText());
        stream.writeInt(7);
        return stream;
      case "ObjectMessage":
        return session.createObjectMessage(new ArrayList<>(Collections.singletonList(order.get("body").asText())));
      default:
        return session.createMessage();
    }
  }

  static Map<String, Object> describe(Message message) throws JMSException {
    if (message == null) return null;
    Map<String, Object> told = new LinkedHashMap<>();
    told.put("body", bodyOf(message));
    for (String kind : new String[] {"TextMessage", "BytesMessage", "MapMessage", "StreamMessage", "ObjectMessage"}) {
      if (message.getClass().getSimpleName().equals("ActiveMQ" + kind)) told.put("kind", kind);
    }
    Map<String, Object> properties = new LinkedHashMap<>();
    for (Enumeration<?> names = message.getPropertyNames(); names.hasMoreElements(); ) {
      String name = (String) names.nextElement();
      properties.put(name, message.getObjectProperty(name));
    }
    told.put("properties", properties);
    told.put("redelivered", message.getJMSRedelivered());
    told.put("deliveryCount", message.getIntProperty("JMSXDeliveryCount"));
    told.put("group", message.getStringProperty("JMSXGroupID"));
    told.put("correlationId", message.getJMSCorrelationID());
    told.put("type", message.getJMSType());
    told.put("priority", message.getJMSPriority());
    told.put("persistent", message.getJMSDeliveryMode() == 2);
    told.put("expiration", message.getJMSExpiration());
    told.put("messageId", message.getJMSMessageID());
    return told;
  }

  static Object bodyOf(Message message) throws JMSException {
    if (message instanceof TextMessage) return ((TextMessage) message).getText();
    if (message instanceof BytesMessage) {
      byte[] bytes = new byte[(int) ((BytesMessage) message).getBodyLength()];
      ((BytesMessage) message).readBytes(bytes);
      return Base64.getEncoder().encodeToString(bytes);
    }
    if (message instanceof MapMessage) {
      Map<String, Object> map = new LinkedHashMap<>();
      for (Enumeration<?> names = ((MapMessage) message).getMapNames(); names.hasMoreElements(); ) {
        String name = (String) names.nextElement();
        map.put(name, ((MapMessage) message).getObject(name));
      }
      return map;
    }
    if (message instanceof StreamMessage) {
      List<Object> values = new ArrayList<>();
      try {
        for (;;) values.add(((StreamMessage) message).readObject());
      } catch (MessageEOFException end) {
        return values;
      }
    }
    return message instanceof ObjectMessage ? ((ObjectMessage) message).getObject() : null;
  }

  /** Makes a durable subscription, or takes one message from it; it is offline afterwards. */
  static Object subscriber(JsonNode order, long timeout) throws Exception {
    Connection connection = factory.createConnection();
    try {
      connection.setClientID(order.get("clientId").asText());
      connection.start();
      Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
      javax.jms.MessageConsumer consumer = session.createDurableSubscriber((Topic) destination(order), order.get("subscription").asText());
      return timeout == 0 ? true : describe(consumer.receive(timeout));
    } finally {
      connection.close();
    }
  }

  /** Two consumers take `count` messages; who got which. */
  static Object consume(JsonNode order) throws Exception {
    List<Map<String, Object>> taken = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch left = new CountDownLatch(order.get("count").asInt());
    List<Connection> connections = new ArrayList<>();
    try {
      for (int consumer = 0; consumer < 2; consumer++) {
        int number = consumer;
        Connection connection = factory.createConnection();
        connections.add(connection);
        Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
        session.createConsumer(destination(order)).setMessageListener(message -> {
          try {
            Map<String, Object> told = describe(message);
            told.put("consumer", number);
            taken.add(told);
          } catch (JMSException error) {
            throw new IllegalStateException(error);
          }
          left.countDown();
        });
      }
      for (Connection connection : connections) connection.start();
      if (!left.await(20, TimeUnit.SECONDS)) throw new IllegalStateException(left.getCount() + " messages did not come");
      return taken;
    } finally {
      for (Connection connection : connections) connection.close();
    }
  }

  static synchronized void answer(PrintStream out, Map<String, Object> answer) {
    try {
      out.write((JSON.writeValueAsString(answer) + "\n").getBytes(StandardCharsets.UTF_8));
      out.flush();
    } catch (Exception error) {
      throw new IllegalStateException(error);
    }
  }
}
