# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """How a flow that is tested from outside is written down."""

    DOCUMENTATION = r"""
options:
  flows:
    description:
      - The flows. Each is O(flows[].steps), or one request described by O(flows[].url) and its siblings. Without any it refuses,
        because nobody could tell.
    type: list
    elements: dict
    suboptions:
      name:
        description: What people call it. Each flow has a name of its own.
        type: str
        required: true
      base_url:
        description: The address that addresses of this flow which do not begin with C(http) are appended to.
        type: str
      safe:
        description: Walk it in check mode too, although it uses methods that could change something.
        type: bool
        default: false
      steps:
        description:
          - Requests, made one after the other up to the first that is not answered as expected. They share cookies and what
            they capture.
        type: list
        elements: dict
        suboptions: &request
          method:
            description: The HTTP method.
            type: str
            default: GET
            choices: [GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE]
          url:
            description:
              - The address; appended to O(flows[].base_url) or O(base_url) unless it begins with C(http).
              - Here, in headers, in bodies and in expectations, C(${name}) stands for a value of O(secrets), or one that an
                earlier step of the flow captured. A body's text that is nothing but C(${name}) becomes the very value, so that
                a number stays a number. A lone C($) has no meaning.
              - Required, save in a flow that has O(flows[].steps).
            type: str
          headers:
            description: Headers to send.
            type: dict
            default: {}
          body:
            description: What to send. A text is sent as it is, anything else as JSON.
            type: raw
          form:
            description: Fields to send as a web form does.
            type: dict
          timeout:
            description: Seconds to connect, and to answer completely.
            type: float
            default: 10
          follow:
            description: Follow redirects, and judge where they lead.
            type: bool
            default: false
          expect:
            description: What the answer must be like. Without any of these its status must be 2xx.
            type: dict
            suboptions:
              status:
                description: The HTTP statuses that are right. By default any 2xx.
                type: list
                elements: int
              header:
                description: Regular expressions that must be found in headers, by the header's name.
                type: dict
              json:
                description:
                  - What JSON values must be, by their dotted paths, such as C(items.0.price).
                  - Either the value itself, or rules that must all hold, C(exists) (true or false), C(equals), C(matches) (a
                    regular expression), C(min) and C(max).
                type: dict
              contains:
                description: A text, or a list of texts, that the body must contain.
                type: raw
              absent:
                description: A text, or a list of texts, that the body must not contain.
                type: raw
              max_seconds:
                description: The longest the complete answer may take.
                type: float
          capture:
            description:
              - Values to take from the answer for later steps, by the names they get.
              - Either the dotted path of a JSON value, or a dictionary with one key, which is C(json) with such a path, C(header)
                with a name, or C(regex) with a pattern whose first group is taken, or all that it matches if it has none.
              - An answer without the value is not as expected.
            type: dict
            default: {}
      <<: *request
"""
