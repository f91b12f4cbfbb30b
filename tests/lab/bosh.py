"""What a browser does before it is in a room, over BOSH: session, anonymous
login, bind, and the conference request to the focus component.

usage: bosh.py [SITE]     prints each step's answer in short; 0 when the
focus said ready, 1 when not, with where it ended.
"""
import http.client
import random
import ssl
import sys
import xml.etree.ElementTree as ET

HTTPBIND = "http://jabber.org/protocol/httpbind"


class Bosh:
    def __init__(self, site):
        self.site, self.sid = site, None
        self.rid = random.randrange(10 ** 6, 10 ** 9)
        self.conn = http.client.HTTPSConnection(
            site, timeout=10, context=ssl.create_default_context())

    def post(self, body="", more=""):
        self.rid += 1
        sid = f"sid='{self.sid}'" if self.sid else ""
        self.conn.request("POST", "/http-bind", (
            f"<body rid='{self.rid}' {sid} {more} xmlns='{HTTPBIND}'>"
            f"{body}</body>"), {"Content-Type": "text/xml; charset=utf-8"})
        reply = self.conn.getresponse()
        data = reply.read()
        if reply.status != 200:
            raise ValueError(f"status {reply.status}")
        root = ET.fromstring(data)
        if root.get("type") == "terminate":
            raise ValueError(f"terminate {root.get('condition')}")
        self.sid = self.sid or root.get("sid")
        return root

    def until(self, tag, root):
        for _ in range(3):
            found = next((e for e in root.iter() if e.tag.endswith(tag)),
                         None)
            if found is not None:
                return found
            root = self.post()
        raise ValueError(f"no {tag}")

    def leave(self):
        try:
            self.post("", "type='terminate'")
        except ValueError:
            pass                # the answer is a terminate, too


def main():
    site = sys.argv[1] if len(sys.argv) > 1 else "jts.example"
    step = "session"
    try:
        bosh = Bosh(site)
        more = (f"to='{site}' ver='1.6' wait='5' hold='1' xml:lang='en' "
                "content='text/xml; charset=utf-8' xmpp:version='1.0' "
                "xmlns:xmpp='urn:xmpp:xbosh'")
        bosh.until("}mechanism", bosh.post("", more))
        step = "login"
        bosh.until("}success", bosh.post(
            "<auth mechanism='ANONYMOUS' "
            "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"))
        step = "bind"
        bosh.post("", f"to='{site}' xmpp:restart='true' "
                  "xmlns:xmpp='urn:xmpp:xbosh'")
        jid = bosh.until("}jid", bosh.post(
            "<iq type='set' id='b' xmlns='jabber:client'>"
            "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>")).text
        step = "focus"
        answer = bosh.until("}iq", bosh.post(
            f"<iq type='set' id='c' to='focus.{site}' xmlns='jabber:client'>"
            f"<conference xmlns='http://jitsi.org/protocol/focus' "
            f"room='ebc@conference.{site}'/></iq>"))
        bosh.leave()
    except (OSError, ValueError, ET.ParseError) as error:
        print(f"{step}: {error}")
        return 1
    ready = answer.find("{http://jitsi.org/protocol/focus}conference")
    if ready is None or ready.get("ready") != "true":
        error = answer.find("{jabber:client}error")
        why = error[0].tag.split("}")[1] if error is not None else "no"
        print(f"focus: {why}")
        return 1
    print(f"ready for {jid}")
    return 0


sys.exit(main())
